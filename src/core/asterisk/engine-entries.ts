/** Where calls come in, who they are of, and what lets them on: the first half of the engine (`engine.ts`). */

/** First in each context behind the entries. */
export const ADMITTED = 'GotoIf($["${RF_IN}" != "1"]?refused,s,1)';

/** Calls that ask for the same prompt at a time; more are refused without it, since each holds a pair of media ports. */
const PROMPTS = 4;

export function entries(maxHops: number): string {
  return `; ---- entries ----
; Any printable text may be dialled: what it means is found out here, and what means nothing is a plain 404.

[from-user]
exten => _[!-Z^-~]!,1,GotoIf($["\${CHANNEL(channeltype)}" != "PJSIP"]?refused,s,1)
 same => n,Set(RF_IN=1)
 same => n,Set(RF_RAW=\${EXTEN})
 same => n,Set(RF_CALLER=\${CUT(CHANNEL(endpoint),_,2)})
 same => n,Set(RF_DIRECT=1)
 same => n,Gosub(clean,s,1)
 same => n,Gosub(load-caller,s,1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(\${RF_EM_NUMBERS},\${RF_EXTEN},1)}]?to-emergency,\${RF_EXTEN},1)
 same => n,Gosub(gate,s,1)
 same => n,Goto(dialled,\${RF_EXTEN},1)

[from-trunk]
exten => _[!-Z^-~]!,1,GotoIf($["\${CHANNEL(channeltype)}" != "PJSIP"]?refused,s,1)
 same => n,Gosub(outside-caller,s,1)
 same => n,Set(RF_IN=1)
 same => n,Set(RF_RAW=\${EXTEN})
 same => n,Set(RF_CAME_BY=\${CUT(CHANNEL(endpoint),_,2)})
 same => n,Gosub(trunks,\${RF_CAME_BY:2},1)
 same => n,Set(GROUP(trunk)=\${T_ID})
 same => n,Gosub(gate,s,1)
 same => n,Gosub(options,s,1)
 same => n,Set(RF_DIRECT=1)
 same => n,GotoIf($["\${T_DID_FROM}" = "To"]?to)
 same => n,GotoIf($["\${T_DID_FROM}" = "PCalledPartyId"]?called)
 same => n,Set(RF_USER=\${CUT(RF_RAW,\\;,1)})
 same => n,Gosub(did,s,1)
 same => n,GotoIf($["\${RF_NEXT}" != "" | "\${T_DID_FROM}" != ""]?found)
 same => n(to),Gosub(header-user,s,1(To))
 same => n,Gosub(did,s,1)
 same => n,GotoIf($["\${RF_NEXT}" != "" | "\${T_DID_FROM}" != ""]?found)
 same => n(called),Gosub(header-user,s,1(P-Called-Party-ID))
 same => n,Gosub(did,s,1)
 same => n(found),ExecIf($["\${RF_NEXT}" = ""]?Set(RF_NEXT=\${T_UNKNOWN}))
 same => n,Goto(next,s,1)

; A call that a user's transfer sends on: with the user's rights, and counted already. The place in the count may have
; been the user's alone; then the one who was transferred takes it. A dot, not a bang: keys are collected while more may
; match. A transfer leads to numbers only, not to feature codes, which are for who has the phone.
[transferred]
exten => _[!-Z^-~].,1,Set(RF_RAW=\${EXTEN})
 same => n,GotoIf($["\${RF_TRANSFER}" != "1"]?refused,s,1)
 same => n,Set(RF_CALLER=\${CUT(CUT(CUT(BLINDTRANSFER,/,2),_,2),-,1)})
 same => n,GotoIf($[0\${LEN(\${RF_CALLER})} = 0]?refused,s,1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${RF_CALLER},1)} = 0]?refused,s,1)
 same => n,Set(RF_IN=1)
 same => n,Set(RF_DIRECT=1)
 same => n,Set(__RF_HOPS=0)
 same => n,ExecIf($["\${GROUP(calls)}" = ""]?Set(GROUP(calls)=all))
 same => n,Gosub(clean,s,1)
 same => n,Gosub(load-caller,s,1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(\${RF_EM_NUMBERS},\${RF_EXTEN},1)}]?to-emergency,\${RF_EXTEN},1)
 same => n,Goto(numbers-only,s,1)

; What a phone forwarded by itself, or a transfer sends on.
[numbers-only]
exten => s,1,${ADMITTED}
 same => n,GotoIf($[\${REGEX("^[+]?[0-9]+$" \${RF_EXTEN})} = 0]?unknown)
 same => n,Goto(dialled,\${RF_EXTEN},1)
 same => n(unknown),Hangup(1)

[dialled]
exten => _[+*#0-9]!,1,${ADMITTED}
 same => n,GotoIf($["\${EXTEN}" = "*97"]?feature-voicemail,s,1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${EXTEN},1)}]?to-user,\${EXTEN},1)
 same => n,GotoIf($[\${REGEX("^[+]?[0-9]+$" \${EXTEN})} = 0]?unknown)
 same => n,Goto(to-number,\${EXTEN},1)
 same => n(unknown),Hangup(1)
exten => unknown,1,Hangup(1)

[refused]
exten => s,1,Hangup(21)

; ---- before any call ----

; A refusal cannot say Retry-After: PJSIP_HEADER adds to requests only, and res_pjsip_maintenance, which does say it,
; refuses emergency calls and registrations too.
; Set, then count: two at the edge may both be refused, never both admitted (features.md §2a). Asterisk takes a pair of
; media ports when it reads the offer, before any dialplan: a refused call gives it back at once, and only few at a time
; are played why, and none where the pairs that are left are for emergency calls.
[gate]
exten => s,1,GotoIf($["\${DB(ringfleet/drain)}" != ""]?drain)
 same => n,GotoIf($["\${RF_STATE}" != "Active"]?suspended)
 same => n,Set(GROUP(calls)=all)
 same => n,GotoIf($[\${GROUP_COUNT(all@calls)} > 0\${RF_MAX_CALLS}]?full)
 same => n,Set(GROUP(legs)=all)
 same => n,GotoIf($[\${GROUP_COUNT(all@legs)} > 0\${RF_MAX_LEGS}]?crowded)
 same => n,Return()
 same => n(full),Set(GROUP(calls)=)
 same => n,Set(GROUP(prompt)=all)
 same => n,GotoIf($[\${GROUP_COUNT(all@prompt)} > ${PROMPTS}]?silent)
 same => n,GotoIf($[\${GROUP_COUNT(all@legs)} + \${GROUP_COUNT(all@prompt)} > 0\${RF_MAX_LEGS}]?silent)
 same => n,Progress()
 same => n,Playback(all-circuits-busy-now,noanswer)
 same => n(silent),Hangup(34)
 same => n(crowded),Set(GROUP(calls)=)
 same => n,Set(GROUP(legs)=)
 same => n,Hangup(34)
 same => n(suspended),Hangup(21)
 same => n(drain),Hangup(42)

; What was dialled, from RF_RAW to RF_EXTEN: a number, or the SIP address of a user. Letters are never left out to make a
; number of what is left: room112 is a name. Parameters of the user part (RFC 3966: ;ext=, ;phone-context=) are no digits.
; Signs that people write between digits go; the numbering plan knows whether the zero of "+44 (0)20" is one (rf-trunk-zero).
[clean]
exten => s,1,Set(RF_EXTEN=unknown)
 same => n,Set(LOCAL(user)=\${CUT(RF_RAW,\\;,1)})
 same => n,GotoIf($[\${REGEX("^[+]?[0-9*#() ./-]+$" \${user})}]?number)
 same => n,Set(LOCAL(name)=\${FILTER(a-z0-9._\\x2d,\${TOLOWER(\${user})})})
 same => n,GotoIf($[0\${LEN(\${name})} = 0 | 0\${LEN(\${name})} != 0\${LEN(\${user})}]?done)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(names,\${name},1)} = 0]?done)
 same => n,Gosub(names,\${name},1)
 same => n(done),Return()
 same => n(number),Set(RF_EXTEN=\${FILTER(0-9+*#,\${user})})
 same => n,ExecIf($[\${REGEX("^[+]?[0-9]+#$" \${RF_EXTEN})}]?Set(RF_EXTEN=\${RF_EXTEN:0:-1}))
 same => n,ExecIf($["\${RF_EXTEN}" = ""]?Set(RF_EXTEN=unknown))
 same => n,Return()

; The caller from outside, before anything else is done with the call: a number is digits, and never one that means
; somebody here; a name is printable and short. Who shows nothing of the kind is anonymous.
[outside-caller]
exten => s,1,Set(LOCAL(name)=\${FILTER(\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff,\${CALLERID(name)})})
 same => n,Set(CALLERID(name)=\${name:0:80})
 same => n,Set(LOCAL(number)=\${CALLERID(num)})
 same => n,Set(LOCAL(number)=\${CUT(number,\\;,1)})
 same => n,GotoIf($[\${REGEX("^[+]?[0-9() ./-]+$" \${number})} = 0]?anonymous)
 same => n,Set(LOCAL(number)=\${FILTER(0-9+,\${number})})
 same => n,Set(LOCAL(digits)=\${FILTER(0-9,\${number})})
 same => n,GotoIf($[0\${LEN(\${digits})} = 0 | 0\${LEN(\${digits})} > 20]?anonymous)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${digits},1)}]?anonymous)
 same => n,Set(RF_DID=\${number})
 same => n,Gosub(find-number,s,1)
 same => n,GotoIf($["\${RF_NEXT}" != ""]?anonymous)
 same => n,Set(CALLERID(num)=\${number})
 same => n,Return()
 same => n(anonymous),Set(CALLERID(num)=)
 same => n,Set(CALLERID(name)=)
 same => n,Set(CALLERID(num-pres)=prohib)
 same => n,Set(CALLERID(name-pres)=prohib)
 same => n,Set(RF_NEXT=)
 same => n,Return()

; The user part of a header that has a display name, brackets, parameters or none of them, into RF_USER.
[header-user]
exten => s,1,Set(RF_USER=)
 same => n,Set(LOCAL(header)=\${PJSIP_HEADER(read,\${ARG1})})
 same => n,GotoIf($[0\${LEN(\${header})} = 0]?done)
 same => n,GotoIf($[\${REGEX("^([^<>]*<)?tel:[^<>@]+>?" \${header})}]?tel)
 same => n,Set(RF_USER=\${PJSIP_PARSE_URI_FROM(header,user)})
 same => n,Set(RF_USER=\${CUT(RF_USER,\\;,1)})
 same => n(done),Return()
 same => n(tel),ExecIf($[\${REGEX("<" \${header})}]?Set(LOCAL(header)=\${CUT(header,<,2)}))
 same => n,Set(LOCAL(header)=\${CUT(header,>,1)})
 same => n,Set(LOCAL(header)=\${CUT(header,\\;,1)})
 same => n,Set(RF_USER=\${header:4})
 same => n,Return()

; RF_USER, when it is a number and nothing else, to the destination of our PhoneNumber.
[did]
exten => s,1,Set(RF_NEXT=)
 same => n,GotoIf($[\${REGEX("^[+]?[0-9() ./-]+$" \${RF_USER})} = 0]?none)
 same => n,Set(RF_DID=\${FILTER(0-9+,\${RF_USER})})
 same => n,Gosub(find-number,s,1)
 same => n(none),Return()

; What RF_CALLER may do and show. Somebody unknown may call inside only.
[load-caller]
exten => s,1,Gosub(options,s,1)
 same => n,Set(RF_CLI=)
 same => n,Set(RF_DIAL=I)
 same => n,Set(RF_EM_TRUNK=)
 same => n,Set(RF_EM_CLI=)
 same => n,Set(RF_EM_NUMBERS=emergency)
 same => n,GotoIf($["\${RF_CALLER}" = ""]?none)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${RF_CALLER},1)} = 0]?none)
 same => n,Set(U_EM_NUMBERS=)
 same => n,Set(U_AREA=)
 same => n,Gosub(users,\${RF_CALLER},1)
 same => n,Set(RF_CLI=\${U_CLI})
 same => n,Set(RF_EM_TRUNK=\${U_EM_TRUNK})
 same => n,Set(RF_EM_CLI=\${U_EM_CLI})
 same => n,ExecIf($["\${U_EM_NUMBERS}" != "" & \${DIALPLAN_EXISTS(\${IF($["\${U_EM_NUMBERS}" = ""]?emergency:\${U_EM_NUMBERS})})}]?Set(RF_EM_NUMBERS=\${U_EM_NUMBERS}))
 same => n,Set(RF_DIAL=\${U_DIAL})
 same => n(none),Return()

; Who may transfer by keys: users, never the other side of a trunk. I: a carrier is not told who answered (its answer
; would show extension and name).
[options]
exten => s,1,Set(RF_OPT=I)
 same => n,Set(RF_OPT_OUT=i)
 same => n,ExecIf($["\${RF_TRANSFER}" = "1"]?Set(RF_OPT=It))
 same => n,GotoIf($["\${CHANNEL(channeltype)}" != "PJSIP"]?done)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${CUT(CHANNEL(endpoint),_,2)},1)} = 0]?done)
 same => n,Set(RF_OPT=\${IF($["\${RF_TRANSFER}" = "1"]?tT:)})
 same => n,Set(RF_OPT_OUT=\${IF($["\${RF_TRANSFER}" = "1"]?iT:i)})
 same => n(done),Return()

[next]
exten => s,1,${ADMITTED}
 same => n,Set(__RF_HOPS=$[0\${RF_HOPS} + 1])
 same => n,GotoIf($[\${RF_HOPS} > ${maxHops}]?loop)
 same => n,Goto(to-\${CUT(RF_NEXT,:,1)},\${CUT(RF_NEXT,:,2)},1)
 same => n(loop),Log(WARNING,A call took more than ${maxHops} hops and was ended)
 same => n,Hangup(25)

[to-extension]
exten => _[0-9]!,1,${ADMITTED}
 same => n,Goto(to-user,\${EXTEN},1)

[to-hangup]
exten => _[0-9]!,1,Hangup(\${EXTEN})
`;
}

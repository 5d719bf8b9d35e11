/**
 * The engine: the dialplan that every tenant shares and that never changes under a running call, because a running call
 * goes on in the *new* text at the same priority number (features.md T3). It is restart-class: the agent puts a changed
 * engine in place only while Asterisk is not running. All that differs between tenants is data: globals and the
 * contexts `users`, `names`, `numbers` and `emergency` of extensions_tenant.conf, whose lines only set variables.
 *
 * Destinations travel as one word, `<kind>:<value>` (`user:1001`, `voicemail:1001`, `number:+44…`, `hangup:17`), and
 * lead to the context `to-<kind>`. A hop counter cuts loops that the judge could not see.
 */

/** The variables that a line of the context `users` sets, in this order. Append only: an older engine reads by place. */
export const USER_FIELDS = [
  'U_ID', // endpoint
  'U_RING', // seconds
  'U_TARGET', // sip | none
  'U_NOANSWER', // destination word
  'U_BUSY', // destination word
  'U_OFFLINE', // destination word, or empty: as no answer
  'U_OFFLINE_DIRECT', // 1: only for direct calls
  'U_MAILBOX', // 1: has one
  'U_CLI', // outbound caller ID
  'U_EM_TRUNK', // trunk for emergency calls
  'U_EM_CLI', // caller ID for emergency calls
  'U_DIAL', // classes she may dial: I, N, W in one word; empty: all
  'U_OFFLINE_SECONDS', // how long to ring where U_OFFLINE leads; empty: as that one says
] as const;

const MAX_HOPS = 10;

export function renderEngine(): string {
  return `;@ -
[general]
static=yes
writeprotect=yes
autofallthrough=yes
clearglobalvars=yes

[globals]
RF_ENGINE=1

#tryinclude extensions_tenant.conf
#tryinclude extensions_generation.conf

; ---- entries ----
; What was dialled is cleaned before it is used: a comma or a parenthesis in it would be a dialplan's own.

[from-user]
exten => _[+*#0-9A-Za-z]!,1,Set(RF_RAW=\${EXTEN})
 same => n,Set(RF_CALLER=\${CUT(CHANNEL(endpoint),_,2)})
 same => n,Set(RF_DIRECT=1)
 same => n,Gosub(clean,s,1)
 same => n,Gosub(load-caller,s,1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(emergency,\${RF_EXTEN},1)}]?to-emergency,\${RF_EXTEN},1)
 same => n,Gosub(gate,s,1)
 same => n,Goto(dialled,\${RF_EXTEN},1)

[hints-users]
exten => _[0-9]!,hint,PJSIP/\${RF_ORG}_\${EXTEN}

[hints]
include => hints-users

[from-trunk]
exten => _[+0-9A-Za-z]!,1,Set(RF_RAW=\${EXTEN})
 same => n,Set(RF_CAME_BY=\${CUT(CHANNEL(endpoint),_,2)})
 same => n,Gosub(trunks,\${RF_CAME_BY:2},1)
 same => n,Set(GROUP(trunk)=\${T_ID})
 same => n,Gosub(gate,s,1)
 same => n,Gosub(options,s,1)
 same => n,Set(RF_DIRECT=1)
 same => n,GotoIf($["\${T_DID_FROM}" = "To"]?to)
 same => n,GotoIf($["\${T_DID_FROM}" = "PCalledPartyId"]?called)
 same => n,Set(RF_DID=\${FILTER(0-9+,\${RF_RAW})})
 same => n,Gosub(find-number,s,1)
 same => n,GotoIf($["\${RF_NEXT}" != "" | "\${T_DID_FROM}" != ""]?found)
 same => n(to),Set(RF_DID=\${FILTER(0-9+,\${CUT(CUT(PJSIP_HEADER(read,To),@,1),:,2)})})
 same => n,Gosub(find-number,s,1)
 same => n,GotoIf($["\${RF_NEXT}" != "" | "\${T_DID_FROM}" != ""]?found)
 same => n(called),Set(RF_DID=\${FILTER(0-9+,\${CUT(CUT(PJSIP_HEADER(read,P-Called-Party-ID),@,1),:,2)})})
 same => n,Gosub(find-number,s,1)
 same => n(found),ExecIf($["\${RF_NEXT}" = ""]?Set(RF_NEXT=\${T_UNKNOWN}))
 same => n,Goto(next,s,1)

; A call that a user's transfer sends on: with her rights, and admitted already. The place in the count may have been
; hers alone; then the one who was transferred takes it. A dot, not a bang: keys are collected while more may match.
[transferred]
exten => _[+*#0-9A-Za-z].,1,Set(RF_RAW=\${EXTEN})
 same => n,GotoIf($["\${RF_TRANSFER}" != "1"]?no)
 same => n,Set(RF_CALLER=\${CUT(CUT(CUT(BLINDTRANSFER,/,2),_,2),-,1)})
 same => n,Set(RF_DIRECT=1)
 same => n,Set(__RF_HOPS=0)
 same => n,ExecIf($["\${GROUP(calls)}" = ""]?Set(GROUP(calls)=all))
 same => n,Goto(onward,s,1)
 same => n(no),Hangup(21)

; A phone that answers 302 sends the call on: as a rule of its user, not as one of the caller.
[forwarded]
exten => _[+*#0-9A-Za-z]!,1,Set(RF_RAW=\${EXTEN})
 same => n,Set(RF_CALLER=\${RF_FORWARDER})
 same => n,Set(__RF_HOPS=$[0\${RF_HOPS} + 1])
 same => n,GotoIf($[\${RF_HOPS} > ${MAX_HOPS}]?loop)
 same => n,Goto(onward,s,1)
 same => n(loop),Hangup(25)

[onward]
exten => s,1,Gosub(clean,s,1)
 same => n,Gosub(load-caller,s,1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(emergency,\${RF_EXTEN},1)}]?to-emergency,\${RF_EXTEN},1)
 same => n,Goto(dialled,\${RF_EXTEN},1)

[dialled]
exten => _[+*#0-9]!,1,GotoIf($["\${EXTEN}" = "*97"]?feature-voicemail,s,1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${EXTEN},1)}]?to-user,\${EXTEN},1)
 same => n,Goto(to-number,\${EXTEN},1)
exten => unknown,1,Hangup(1)

; ---- before any call ----

; A refusal cannot say Retry-After: PJSIP_HEADER adds to requests only, and res_pjsip_maintenance, which does say it,
; refuses emergency calls and registrations too.
; Set, then count: two at the edge may both be refused, never both admitted (features.md §2a).
[gate]
exten => s,1,GotoIf($["\${DB(ringfleet/drain)}" != ""]?drain)
 same => n,GotoIf($["\${RF_STATE}" != "Active"]?suspended)
 same => n,Set(GROUP(calls)=all)
 same => n,GotoIf($[\${GROUP_COUNT(all@calls)} > 0\${RF_MAX_CALLS}]?full)
 same => n,Return()
 same => n(full),Set(GROUP(calls)=)
 same => n,Progress()
 same => n,Playback(all-circuits-busy-now,noanswer)
 same => n,Hangup(34)
 same => n(suspended),Hangup(21)
 same => n(drain),Hangup(42)

; Number or SIP address, from RF_RAW to RF_EXTEN.
[clean]
exten => s,1,Set(RF_EXTEN=\${FILTER(0-9+*#,\${RF_RAW})})
 same => n,Set(LOCAL(name)=\${FILTER(a-z0-9._\\x2d,\${TOLOWER(\${RF_RAW})})})
 same => n,GotoIf($["\${name}" = ""]?done)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(names,\${name},1)} = 0]?done)
 same => n,Gosub(names,\${name},1)
 same => n(done),ExecIf($["\${RF_EXTEN}" = ""]?Set(RF_EXTEN=unknown))
 same => n,Return()

; What RF_CALLER may do and show. Somebody unknown may call inside only.
[load-caller]
exten => s,1,Gosub(options,s,1)
 same => n,Set(RF_CLI=)
 same => n,Set(RF_DIAL=I)
 same => n,GotoIf($["\${RF_CALLER}" = ""]?none)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${RF_CALLER},1)} = 0]?none)
 same => n,Gosub(users,\${RF_CALLER},1)
 same => n,Set(RF_CLI=\${U_CLI})
 same => n,Set(RF_EM_TRUNK=\${U_EM_TRUNK})
 same => n,Set(RF_EM_CLI=\${U_EM_CLI})
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

; A number as the carrier writes it, with or without plus or 00, to the destination of our PhoneNumber.
[find-number]
exten => s,1,Set(LOCAL(digits)=\${FILTER(0-9,\${RF_DID})})
 same => n,Set(RF_NEXT=)
 same => n,ExecIf($["\${digits:0:2}" = "00"]?Set(LOCAL(digits)=\${digits:2}))
 same => n,GotoIf($["\${digits}" = ""]?miss)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(numbers,\${digits},1)}]?hit)
 same => n,Set(LOCAL(national)=\${digits})
 same => n,ExecIf($["\${RF_NATIONAL_PREFIX}" != "" & "\${digits:0:\${LEN(\${RF_NATIONAL_PREFIX})}}" = "\${RF_NATIONAL_PREFIX}"]?Set(LOCAL(national)=\${digits:\${LEN(\${RF_NATIONAL_PREFIX})}}))
 same => n,Set(LOCAL(digits)=\${RF_COUNTRY_CODE}\${national})
 same => n,GotoIf($[\${DIALPLAN_EXISTS(numbers,\${digits},1)} = 0]?miss)
 same => n(hit),Gosub(numbers,\${digits},1)
 same => n(miss),Return()

; ---- destinations ----

[next]
exten => s,1,Set(__RF_HOPS=$[0\${RF_HOPS} + 1])
 same => n,GotoIf($[\${RF_HOPS} > ${MAX_HOPS}]?loop)
 same => n,Goto(to-\${CUT(RF_NEXT,:,1)},\${CUT(RF_NEXT,:,2)},1)
 same => n(loop),Log(WARNING,A call took more than ${MAX_HOPS} hops and was ended)
 same => n,Hangup(25)

[to-user]
exten => _[0-9]!,1,GotoIf($[\${DIALPLAN_EXISTS(users,\${EXTEN},1)} = 0]?unknown)
 same => n,Gosub(users,\${EXTEN},1)
 same => n,Set(RF_RING=\${IF($["\${RF_SECONDS}" = ""]?\${U_RING}:\${RF_SECONDS})})
 same => n,Set(RF_SECONDS=)
 same => n,GotoIf($["\${U_TARGET}" = "none"]?noanswer)
 same => n,Set(RF_CONTACTS=\${PJSIP_DIAL_CONTACTS(\${U_ID})})
 same => n,GotoIf($["\${RF_CONTACTS}" = ""]?offline)
 same => n,Set(__RF_FORWARDER=\${EXTEN})
 same => n,Dial(\${RF_CONTACTS},\${RF_RING},\${RF_OPT})
 same => n,GotoIf($["\${DIALSTATUS}" = "ANSWER"]?done)
 same => n,GotoIf($["\${DIALSTATUS}" = "BUSY"]?busy)
 same => n,GotoIf($["\${PJSIP_DIAL_CONTACTS(\${U_ID})}" = ""]?offline)
 same => n,GotoIf($["\${DIALSTATUS}" = "NOANSWER"]?noanswer)
 same => n(busy),Set(RF_NEXT=\${U_BUSY})
 same => n,Set(RF_VM=b)
 same => n,Goto(by-rule,s,1)
 same => n(offline),GotoIf($["\${U_OFFLINE}" = ""]?noanswer)
 same => n,GotoIf($["\${U_OFFLINE_DIRECT}" = "1" & "\${RF_DIRECT}" != "1"]?noanswer)
 same => n,Set(RF_NEXT=\${U_OFFLINE})
 same => n,Set(RF_SECONDS=\${U_OFFLINE_SECONDS})
 same => n,Goto(by-rule,s,1)
 same => n(noanswer),Set(RF_NEXT=\${U_NOANSWER})
 same => n,Set(RF_VM=u)
 same => n,Goto(by-rule,s,1)
 same => n(unknown),Hangup(1)
 same => n(done),Hangup()

; Her own rule sends the call on: with her rights, her number, and no longer as a direct call to anybody.
[by-rule]
exten => s,1,Set(RF_CLI=\${U_CLI})
 same => n,Set(RF_DIAL=\${U_DIAL})
 same => n,Set(RF_DIRECT=)
 same => n,Goto(next,s,1)

[to-extension]
exten => _[0-9]!,1,Goto(to-user,\${EXTEN},1)

[to-voicemail]
exten => _[0-9]!,1,GotoIf($["\${RF_VOICEMAIL}" != "1"]?none)
 same => n,GotoIf($[\${VM_INFO(\${EXTEN}@default,exists)} = 0]?none)
 same => n,Answer()
 same => n,VoiceMail(\${EXTEN}@default,\${IF($["\${RF_VM}" = ""]?u:\${RF_VM})})
 same => n,Hangup()
 same => n(none),Hangup(19)

[to-hangup]
exten => _[0-9]!,1,Hangup(\${EXTEN})

; Out to the world: to E.164 by the caller's country, then by the trunk, with a caller ID that is ours to show.
[to-number]
exten => _[+0-9]!,1,Set(RF_DIALLED=\${EXTEN})
 same => n,GotoIf($["\${EXTEN:0:1}" = "+"]?world)
 same => n,GotoIf($["\${RF_INTERNATIONAL_PREFIX}" != "" & "\${EXTEN:0:\${LEN(\${RF_INTERNATIONAL_PREFIX})}}" = "\${RF_INTERNATIONAL_PREFIX}"]?prefixed)
 same => n,GotoIf($["\${RF_COUNTRY_CODE}" = ""]?unknown)
 same => n,GotoIf($["\${RF_NATIONAL_PREFIX}" = ""]?bare)
 same => n,GotoIf($["\${RF_COUNTRY_CODE}" = "1" & \${LEN(\${EXTEN})} = 10]?bare)
 same => n,GotoIf($["\${EXTEN:0:\${LEN(\${RF_NATIONAL_PREFIX})}}" = "\${RF_NATIONAL_PREFIX}"]?national)
 same => n,Goto(unknown)
 same => n(bare),GotoIf($[\${LEN(\${EXTEN})} < 8]?unknown)
 same => n,Set(RF_DIALLED=+\${RF_COUNTRY_CODE}\${EXTEN})
 same => n,Goto(world)
 same => n(national),Set(RF_DIALLED=+\${RF_COUNTRY_CODE}\${EXTEN:\${LEN(\${RF_NATIONAL_PREFIX})}})
 same => n,Goto(world)
 same => n(prefixed),Set(RF_DIALLED=+\${EXTEN:\${LEN(\${RF_INTERNATIONAL_PREFIX})}})
 same => n(world),GotoIf($[\${DIALPLAN_EXISTS(numbers,\${RF_DIALLED:1},1)}]?ours)
 same => n,GotoIf($["\${RF_DIAL}" = ""]?allowed)
 same => n,Set(RF_CLASS=\${IF($["\${RF_DIALLED:0:$[1 + \${LEN(\${RF_COUNTRY_CODE})}]}" = "+\${RF_COUNTRY_CODE}"]?N:W)})
 same => n,GotoIf($[\${REGEX("\${RF_CLASS}" \${RF_DIAL})} = 0]?forbidden)
 same => n(allowed),Set(RF_OUT_TRUNK=\${RF_TRUNK})
 same => n,Goto(send,s,1)
 same => n(ours),Gosub(numbers,\${RF_DIALLED:1},1)
 same => n,Goto(next,s,1)
 same => n(forbidden),Hangup(21)
 same => n(unknown),Hangup(1)

; Before every gate: not counted, not limited, not suspended.
[to-emergency]
exten => _[0-9]!,1,Set(RF_OUT_TRUNK=\${IF($["\${RF_EM_TRUNK}" = ""]?\${RF_TRUNK}:\${RF_EM_TRUNK})})
 same => n,ExecIf($["\${RF_EM_CLI}" != ""]?Set(RF_CLI=\${RF_EM_CLI}))
 same => n,Set(RF_DIALLED=\${EXTEN})
 same => n,Set(RF_EMERGENCY=1)
 same => n,Goto(send,s,1)

[send]
exten => s,1,GotoIf($["\${RF_OUT_TRUNK}" = ""]?none)
 same => n,Gosub(trunks,\${RF_OUT_TRUNK},1)
 same => n,GotoIf($["\${T_MAX}" = "" | "\${RF_EMERGENCY}" = "1"]?free)
 same => n,GotoIf($[\${GROUP_COUNT(\${T_ID}@trunk)} >= 0\${T_MAX}]?full)
 same => n(free),NoOp()
 same => n,Set(CALLERID(name)=)
 same => n,Set(RF_SHOW=\${IF($["\${RF_CLI}" = ""]?\${T_CLI}:\${RF_CLI})})
 same => n,Set(CALLERID(num)=\${RF_SHOW})
 same => n,Set(RF_TO=\${RF_DIALLED})
 same => n,ExecIf($["\${T_FORMAT}" = "E164NoPlus"]?Set(RF_TO=\${FILTER(0-9,\${RF_DIALLED})}))
 same => n,ExecIf($["\${T_FORMAT}" = "International"]?Set(RF_TO=\${IF($["\${RF_DIALLED:0:1}" = "+"]?\${IF($["\${RF_INTERNATIONAL_PREFIX}" = ""]?00:\${RF_INTERNATIONAL_PREFIX})}\${RF_DIALLED:1}:\${RF_DIALLED})}))
 same => n,GotoIf($["\${T_FORMAT}" != "National"]?dial)
 same => n,GotoIf($["\${RF_DIALLED:0:$[1 + \${LEN(\${RF_COUNTRY_CODE})}]}" = "+\${RF_COUNTRY_CODE}"]?home)
 same => n,ExecIf($["\${RF_DIALLED:0:1}" = "+"]?Set(RF_TO=\${IF($["\${RF_INTERNATIONAL_PREFIX}" = ""]?00:\${RF_INTERNATIONAL_PREFIX})}\${RF_DIALLED:1}))
 same => n,Goto(dial)
 same => n(home),Set(RF_TO=\${RF_NATIONAL_PREFIX}\${RF_DIALLED:$[1 + \${LEN(\${RF_COUNTRY_CODE})}]})
 same => n(dial),ExecIf($["\${RF_EMERGENCY}" != "1"]?Set(RF_TO=\${T_PREFIX}\${RF_TO}))
 same => n,Dial(PJSIP/\${RF_TO}@\${T_ID},\${IF($["\${RF_SECONDS}" = ""]?120:\${RF_SECONDS})},\${RF_OPT_OUT}b(trunk-leg^s^1(\${T_ID})))
 same => n,Hangup(\${IF($[0\${HANGUPCAUSE} > 0]?\${HANGUPCAUSE}:38)})
 same => n(none),Hangup(38)
 same => n(full),Hangup(34)

; Runs on the leg to the trunk, which then counts; a hangup here would not keep Dial from calling.
[trunk-leg]
exten => s,1,Set(GROUP(trunk)=\${ARG1})
 same => n,Return()

; ---- feature codes ----

[feature-voicemail]
exten => s,1,GotoIf($["\${RF_VOICEMAIL}" != "1"]?none)
 same => n,GotoIf($[\${VM_INFO(\${RF_CALLER}@default,exists)} = 0]?none)
 same => n,Answer()
 same => n,VoiceMailMain(\${RF_CALLER}@default)
 same => n,Hangup()
 same => n(none),Hangup(1)
`;
}

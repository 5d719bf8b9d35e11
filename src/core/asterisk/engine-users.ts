import { LONGEST_CONTACT, PLAIN_CONTACT } from '../../api/plain-contact.ts';
import { ADMITTED } from './engine-entries.ts';

/** How a user's phones are rung, and where a call goes that they do not take: a part of the engine (`engine.ts`). */

/** An IPv4 address as everybody writes it: no other form of one that is known could be told from it, and no name looked up. */
const OCTET = '(0|[1-9][0-9]?[0-9]?)';
const ADDRESS = `^${[OCTET, OCTET, OCTET, OCTET].join('[.]')}$`;

/** Contacts of one user that are looked at; `maxContacts` is at most as much. */
const MAX_CONTACTS = 10;

export function userContexts(maxHops: number): string {
  return `; ---- users ----

[to-user]
exten => _[0-9]!,1,${ADMITTED}
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${EXTEN},1)} = 0]?unknown)
 same => n,Gosub(users,\${EXTEN},1)
 same => n,Set(RF_VM=)
 same => n,Set(RF_RING=\${IF($["\${RF_SECONDS}" = ""]?\${U_RING}:\${RF_SECONDS})})
 same => n,Set(RF_SECONDS=)
 same => n,GotoIf($["\${U_TARGET}" = "none"]?noanswer)
 same => n,Gosub(contacts,s,1)
 same => n,GotoIf($["\${RF_CROWDED}" = "1" & 0\${LEN(\${RF_CONTACTS})} = 0]?crowded)
 same => n,GotoIf($[0\${LEN(\${RF_CONTACTS})} = 0]?offline)
 same => n,Set(SHARED(RF_REDIRECT)=)
 same => n,Set(_RF_DIALLER=\${CHANNEL})
 same => n,Dial(\${RF_CONTACTS},\${RF_RING},\${RF_OPT}ib(user-leg^s^1))
 same => n,GotoIf($["\${DIALSTATUS}" = "ANSWER"]?done)
 same => n,GotoIf($[0\${LEN(\${SHARED(RF_REDIRECT)})} > 0 & "\${DIALSTATUS}" != "NOANSWER" & "\${DIALSTATUS}" != "CANCEL"]?redirected)
 same => n,GotoIf($["\${DIALSTATUS}" = "BUSY"]?busy)
 same => n,Gosub(contacts,s,1)
 same => n,GotoIf($[0\${LEN(\${RF_CONTACTS})} = 0 & "\${RF_CROWDED}" != "1"]?offline)
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
 same => n(redirected),Set(RF_CALLER=\${EXTEN})
 same => n,Goto(user-redirect,s,1)
 same => n(crowded),Hangup(34)
 same => n(unknown),Hangup(1)
 same => n(done),Hangup()

; The contacts of U_ID that may be dialled, into RF_CONTACTS: one by one, by the ids that Asterisk gave them, for as long
; as there are media ports for more legs (RF_CROWDED: there were none for all). One that is not plain is left out, and
; one that leads to a carrier: it would be called there with a number of the phone's choice, from our address.
[contacts]
exten => s,1,Set(RF_CONTACTS=)
 same => n,Set(RF_CROWDED=)
 same => n,Set(LOCAL(ids)=\${PJSIP_AOR(\${U_ID},contact)})
 same => n,Set(LOCAL(left)=${MAX_CONTACTS})
 same => n,Set(LOCAL(room)=$[0\${RF_MAX_LEGS} - \${GROUP_COUNT(all@legs)}])
 same => n(one),GotoIf($["\${ids}" = "" | \${left} = 0]?done)
 same => n,Set(LOCAL(left)=$[\${left} - 1])
 same => n,Set(LOCAL(id)=\${CUT(ids,\\,,1)})
 same => n,Set(LOCAL(ids)=\${CUT(ids,\\,,2-)})
 same => n,GotoIf($["\${PJSIP_CONTACT(\${id},status)}" = "Unreachable"]?one)
 same => n,Set(LOCAL(uri)=\${PJSIP_CONTACT(\${id},uri)})
 same => n,GotoIf($[\${LEN(\${uri})} > ${LONGEST_CONTACT}]?one)
 same => n,GotoIf($[\${REGEX("${PLAIN_CONTACT.replace(';', '\\;')}" \${uri})} = 0]?one)
 same => n,GotoIf($[\${REGEX("maddr=|\\;[^=\\;]*%" \${uri})}]?one)
 same => n,Set(LOCAL(host)=\${PJSIP_PARSE_URI_FROM(uri,host)})
 same => n,GotoIf($[\${REGEX("${ADDRESS}" \${host})} = 0]?one)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(carriers,\${host},1)}]?one)
 same => n,GotoIf($[\${room} < 1]?crowded)
 same => n,Set(LOCAL(room)=$[\${room} - 1])
 same => n,Set(RF_CONTACTS=\${RF_CONTACTS}\${IF($[0\${LEN(\${RF_CONTACTS})} = 0]?:&)}PJSIP/\${U_ID}/\${uri})
 same => n,Goto(one)
 same => n(crowded),Set(RF_CROWDED=1)
 same => n(done),Return()

; Runs on each leg to a phone before it rings: it takes a pair of media ports, and it may redirect. What the caller's own
; headers said of a redirection (Diversion) is not of this phone. One leg too many is not called: Dial passes over a
; channel that is to end already (measured; Hangup would not keep it from calling). Set, then count, as in the gate.
[user-leg]
exten => s,1,Set(GROUP(legs)=all)
 same => n,ExecIf($[\${GROUP_COUNT(all@legs)} > 0\${RF_MAX_LEGS}]?SoftHangup(\${CHANNEL}))
 same => n,Set(REDIRECTING(to-num,i)=)
 same => n,Set(REDIRECTING(to-num-valid,i)=0)
 same => n,Set(CHANNEL(hangup_handler_push)=user-leg-over,s,1)
 same => n,Gosub(hide-caller,s,1)
 same => n,Return()

; Dial would follow a redirect (302) by itself, and take a technology, a context and all from the phone's text. It is told
; not to; what the phone asked for is read when its leg is over, from what Asterisk made of it, and is only a text then.
; The cause is 23 (redirected), or none yet: a phone that only tells of a diversion (181) ends with a cause of its own.
[user-leg-over]
exten => s,1,GotoIf($["\${CHANNEL(state)}" = "Up" | "\${RF_DIALLER}" = "" | "\${REDIRECTING(to-num-valid)}" != "1"]?done)
 same => n,GotoIf($[0\${HANGUPCAUSE} != 0 & 0\${HANGUPCAUSE} != 23]?done)
 same => n,GotoIf($[\${CHANNEL_EXISTS(\${RF_DIALLER})} = 0]?done)
 same => n,GotoIf($[\${REGEX("^[+]?[0-9]+$" \${REDIRECTING(to-num)})} = 0]?done)
 same => n,Set(SHARED(RF_REDIRECT,\${RF_DIALLER})=\${REDIRECTING(to-num)})
 same => n(done),Return()

; A phone that answered 302: a number that its user may dial is dialled with the user's rights; nothing else is. Not
; emergency numbers either: who calls that phone did not ask for them.
[user-redirect]
exten => s,1,${ADMITTED}
 same => n,Set(RF_RAW=\${SHARED(RF_REDIRECT)})
 same => n,Set(SHARED(RF_REDIRECT)=)
 same => n,Set(__RF_HOPS=$[0\${RF_HOPS} + 1])
 same => n,GotoIf($[\${RF_HOPS} > ${maxHops}]?loop)
 same => n,Set(RF_DIRECT=)
 same => n,Gosub(clean,s,1)
 same => n,Gosub(load-caller,s,1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(\${RF_EM_NUMBERS},\${RF_EXTEN},1)}]?refused,s,1)
 same => n,Goto(numbers-only,s,1)
 same => n(loop),Hangup(25)

; A rule of the user sends the call on: with the user's rights and number, and no longer as a direct call to anybody.
[by-rule]
exten => s,1,${ADMITTED}
 same => n,Set(RF_CLI=\${U_CLI})
 same => n,Set(RF_DIAL=\${U_DIAL})
 same => n,Set(RF_DIRECT=)
 same => n,Goto(next,s,1)
`;
}

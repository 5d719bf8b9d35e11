import { ADMITTED } from './engine-entries.ts';

/**
 * The engine's contexts for voicemail. They come by an extension and go on by the mailbox of whoever has it now: her
 * mailbox is hers, whatever extension she has.
 */

/** How often in a row a call to *97 may end without the right PIN. Each such call has three tries (`maxlogins`). */
const PIN_CALLS = 5;
/** For how long nobody is asked for the PIN after that, and after each further call of the kind; seconds. */
const PIN_PAUSES = [300, 900, 3600] as const;
/** After so long without such a call all is forgotten; seconds. */
const PIN_MEMORY = 86_400;

export function voicemailContexts(): string {
  return `; ---- voicemail ----

[to-voicemail]
exten => _[0-9]!,1,${ADMITTED}
 same => n,GotoIf($["\${RF_VOICEMAIL}" != "1"]?none)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${EXTEN},1)} = 0]?none)
 same => n,Gosub(mailbox-of,\${EXTEN},1)
 same => n,GotoIf($["\${RF_BOX}" = ""]?none)
 same => n,Answer()
; Without a greeting it says "the person at extension" and "is unavailable", and no number: the mailbox's name has no digit.
 same => n,VoiceMail(\${RF_BOX}@default,\${IF($["\${RF_VM}" = ""]?u:\${RF_VM})})
 same => n,Hangup()
 same => n(none),Hangup(19)

; RF_BOX: the mailbox of whoever has the extension, empty when there is none. A user whose last good text is in force may
; have a mailbox by extension still.
[mailbox-of]
exten => _[0-9]!,1,Gosub(users,\${EXTEN},1)
 same => n,Set(RF_BOX=\${IF($["\${U_MAILBOX}" = "1"]?\${EXTEN}:\${U_MAILBOX})})
 same => n,GotoIf($["\${RF_BOX}" = ""]?done)
 same => n,ExecIf($[\${VM_INFO(\${RF_BOX}@default,exists)} = 0]?Set(RF_BOX=))
 same => n(done),Return()

; Only from a phone of hers: nobody who was sent here by a transfer or a redirect is asked for her PIN.
[feature-voicemail]
exten => s,1,${ADMITTED}
 same => n,GotoIf($["\${RF_VOICEMAIL}" != "1"]?none)
 same => n,GotoIf($["\${CHANNEL(channeltype)}" != "PJSIP"]?none)
 same => n,GotoIf($["\${CHANNEL(endpoint)}" != "\${RF_ORG}_\${RF_CALLER}"]?none)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(users,\${RF_CALLER},1)} = 0]?none)
 same => n,Gosub(mailbox-of,\${RF_CALLER},1)
 same => n,GotoIf($["\${RF_BOX}" = ""]?none)
 same => n,Gosub(pin-try,s,1)
 same => n,GotoIf($["\${RF_ASK}" != "1"]?locked)
 same => n,Answer()
; Without the right PIN the call ends here.
 same => n,VMAuthenticate(\${RF_BOX}@default)
 same => n,Set(RF_ASK=\${DB_DELETE(rf-pin/\${RF_BOX})})
 same => n,VoiceMailMain(\${RF_BOX}@default,s)
 same => n,Hangup()
 same => n(locked),Progress()
 same => n,Playback(please-try-call-later,noanswer)
 same => n,Hangup(21)
 same => n(none),Hangup(1)

; Counts a call to RF_BOX before the PIN is asked for, and forgets it when the PIN was right: nothing tells of a wrong one
; (VMAuthenticate ends the call). RF_ASK: 1 when it may be asked for. rf-pin/<mailbox>: how often, and when last.
[pin-try]
exten => s,1,Set(RF_ASK=0)
 same => n,Set(LOCAL(mine)=\${LOCK(rf-pin)})
 same => n,Set(LOCAL(known)=\${DB(rf-pin/\${RF_BOX})})
 same => n,Set(LOCAL(calls)=$[0\${CUT(known,-,1)}])
 same => n,Set(LOCAL(age)=$[\${EPOCH} - 0\${CUT(known,-,2)}])
 same => n,ExecIf($[\${age} > ${PIN_MEMORY} | \${age} < 0]?Set(LOCAL(calls)=0))
 same => n,Set(LOCAL(pause)=0)
${PIN_PAUSES.map((pause, place) => ` same => n,ExecIf($[\${calls} >= ${PIN_CALLS + place}]?Set(LOCAL(pause)=${pause}))`).join('\n')}
 same => n,GotoIf($["\${mine}" != "1" | \${age} < \${pause}]?locked)
 same => n,Set(LOCAL(calls)=\${IF($[\${calls} < 99]?$[\${calls} + 1]:99)})
 same => n,Set(DB(rf-pin/\${RF_BOX})=\${calls}-\${EPOCH})
 same => n,Set(RF_ASK=1)
 same => n(locked),Set(LOCAL(mine)=\${UNLOCK(rf-pin)})
 same => n,Return()
`;
}

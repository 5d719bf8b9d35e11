import { ADMITTED } from './engine-entries.ts';

/** How calls leave: over which trunk, as what number, and emergency calls before all: a part of the engine (`engine.ts`). */

/** Emergency calls that one user may have at a time: the only bound on them. */
const EMERGENCY_CALLS = 3;
/** A trunk that was asked for an emergency call and gave no sign for so long is joined by the next one, seconds. */
const EMERGENCY_PATIENCE = 4;
/** How often an emergency call looks for a sign of life of the trunk, seconds; and how often at most (ten minutes). */
const LOOK = 0.25;
const LOOKS = 2400;
/** How long a number outside may ring, seconds, where nothing else is said: longer than carriers let it ring. */
const RING = 300;

/** Causes (Q.850) of an answer that says nothing of the number: the next trunk is tried. */
const TRUNK_FAILED = ':0:3:18:20:27:34:38:41:42:44:102:';

export function trunkContexts(): string {
  return `; ---- out to the world ----

; The trunks in their order (the context "order"), those first whose carrier answers OPTIONS, then the others: many
; carriers never answer, so that says which is tried first and never whether. What is a trunk's own fault leads on to the
; next one; what the number is answered with is told to the caller.
[send]
exten => s,1,${ADMITTED}
 same => n,GotoIf($["\${RF_STATE}" != "Active"]?refused,s,1)
 same => n,Set(RF_FAILED=34)
 same => n,Set(RF_TRIED=:)
 same => n,Set(RF_PASS=up)
 same => n(turn),Set(RF_STEP=0)
 same => n(step),Set(RF_STEP=$[\${RF_STEP} + 1])
 same => n,GotoIf($[\${DIALPLAN_EXISTS(order,\${RF_STEP},1)} = 0]?over)
 same => n,Gosub(order,\${RF_STEP},1)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(trunks,\${RF_OUT_TRUNK},1)} = 0]?step)
 same => n,Gosub(trunks,\${RF_OUT_TRUNK},1)
 same => n,GotoIf($[\${REGEX(":\${RF_OUT_TRUNK}:" \${RF_TRIED})}]?step)
 same => n,GotoIf($["\${RF_PASS}" = "up" & 0\${LEN(\${PJSIP_DIAL_CONTACTS(\${T_ID})})} = 0]?step)
 same => n,Set(RF_TRIED=\${RF_TRIED}\${RF_OUT_TRUNK}:)
 same => n,Gosub(format,s,1)
 same => n,Dial(\${RF_LEG},\${IF($["\${RF_SECONDS}" = ""]?${RING}:\${RF_SECONDS})},\${RF_OPT_OUT}b(trunk-leg^s^1(\${T_ID}^\${T_MAX})))
 same => n,GotoIf($["\${DIALSTATUS}" = "ANSWER"]?answered)
 same => n,Set(RF_CAUSE=\${IF($["\${HANGUPCAUSE}" = ""]?0:\${HANGUPCAUSE})})
 same => n,GotoIf($["\${DIALSTATUS}" = "CHANUNAVAIL" | "\${DIALSTATUS}" = "CONGESTION"]?:said)
 same => n,GotoIf($[\${REGEX(":\${RF_CAUSE}:" ${TRUNK_FAILED})}]?failed)
 same => n(said),Hangup(\${IF($[\${RF_CAUSE} > 0]?\${RF_CAUSE}:34)})
 same => n(failed),Set(RF_FAILED=\${IF($[\${RF_CAUSE} > 20]?\${RF_CAUSE}:34)})
 same => n,Goto(step)
 same => n(over),GotoIf($["\${RF_PASS}" = "down"]?end)
 same => n,Set(RF_PASS=down)
 same => n,Goto(turn)
 same => n(end),Hangup(\${RF_FAILED})
 same => n(answered),Hangup()

; What is dialled at the trunk that T_... tell of (RF_LEG), and the caller ID that is shown there. A trunk whose carrier
; answers no OPTIONS has no contact that Asterisk would dial: its address is dialled.
[format]
exten => s,1,Set(CALLERID(name)=)
 same => n,Set(CALLERID(num-pres)=allowed)
 same => n,Set(CALLERID(name-pres)=allowed)
 same => n,Gosub(number-written,s,1(\${IF($["\${RF_CLI}" = ""]?\${T_CLI}:\${RF_CLI})}))
 same => n,Set(CALLERID(num)=\${GOSUB_RETVAL})
 same => n,Gosub(number-written,s,1(\${RF_DIALLED}))
 same => n,Set(RF_TO=\${GOSUB_RETVAL})
 same => n,ExecIf($["\${RF_EMERGENCY}" != "1"]?Set(RF_TO=\${T_PREFIX}\${RF_TO}))
 same => n,Set(RF_LEG=PJSIP/\${RF_TO}@\${T_ID})
 same => n,GotoIf($[0\${LEN(\${PJSIP_DIAL_CONTACTS(\${T_ID})})} > 0 | "\${T_HOST}" = ""]?done)
 same => n,Set(RF_LEG=PJSIP/\${T_ID}/sip:\${STRREPLACE(RF_TO,#,%23)}@\${T_HOST}\\;transport=\${T_TRANSPORT})
 same => n(done),Return()

; Runs on the leg to the trunk, which counts from then on; one too many for the trunk, or for the media ports, is not
; called (see user-leg), and the next trunk is asked.
[trunk-leg]
exten => s,1,Set(GROUP(trunk)=\${ARG1})
 same => n,Set(GROUP(legs)=all)
 same => n,ExecIf($["\${ARG2}" != "" & \${GROUP_COUNT(\${ARG1}@trunk)} > 0\${ARG2}]?SoftHangup(\${CHANNEL}))
 same => n,ExecIf($[\${GROUP_COUNT(all@legs)} > 0\${RF_MAX_LEGS}]?SoftHangup(\${CHANNEL}))
 same => n,Return()

; ---- emergency ----

; Before every gate: not counted, not limited, not suspended, and whatever OPTIONS say. The trunk of the user's Location
; is asked first, then all others in their order. One that fails is followed by the next at once; one that gives no sign
; for ${EMERGENCY_PATIENCE} s is joined by the next and goes on: who answers first has the call, and none is given up that may be ringing.
; Asterisk's dialplan cannot tell a trunk that said 100 Trying from one that said nothing: both are joined.
[to-emergency]
exten => _[0-9]!,1,${ADMITTED}
 same => n,Set(GROUP(legs)=all)
 same => n,Set(GROUP(emergency)=\${RF_CALLER})
 same => n,GotoIf($[\${GROUP_COUNT(\${RF_CALLER}@emergency)} > ${EMERGENCY_CALLS}]?enough)
 same => n,Set(RF_EMERGENCY=1)
 same => n,ExecIf($["\${RF_EM_CLI}" != ""]?Set(RF_CLI=\${RF_EM_CLI}))
 same => n,Set(RF_DIALLED=\${EXTEN})
 same => n,Set(__RF_EM_TO=\${EXTEN})
 same => n,Set(__RF_EM_CLI=\${RF_CLI})
 same => n,Set(__RF_EM_TRUNK=\${RF_EM_TRUNK})
 same => n,Set(RF_STEP=\${IF($["\${RF_EM_TRUNK}" = ""]?1:0)})
 same => n,Gosub(emergency-call,s,1)
 same => n,Hangup(34)
 same => n(enough),Hangup(34)

; Calls at the trunk of RF_STEP and, beside it, sees to the next one.
[emergency-call]
exten => s,1,Gosub(emergency-trunk,s,1)
 same => n,GotoIf($["\${RF_OUT_TRUNK}" = ""]?none)
 same => n,Gosub(trunks,\${RF_OUT_TRUNK},1)
 same => n,Gosub(format,s,1)
 same => n,Set(LOCAL(leg)=\${RF_LEG})
 same => n,Set(LOCAL(id)=\${T_ID})
 same => n,Set(RF_STEP=$[\${RF_STEP} + 1])
 same => n,Gosub(emergency-trunk,s,1)
 same => n,Set(SHARED(RF_EM_LEG)=)
 same => n,Set(__RF_EM_PARENT=\${CHANNEL})
 same => n,Dial(\${leg}\${IF($["\${RF_OUT_TRUNK}" = ""]?:&Local/\${RF_STEP}@emergency-next/n)},,\${RF_OPT_OUT}b(emergency-leg^s^1(\${id})))
 same => n(none),Return()

; The trunk of RF_STEP, into RF_OUT_TRUNK: 0 is that of the Location, which is passed over later. Empty: there is none.
[emergency-trunk]
exten => s,1,Set(RF_OUT_TRUNK=\${RF_EM_TRUNK})
 same => n,GotoIf($[\${RF_STEP} > 0]?look)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(trunks,\${RF_OUT_TRUNK},1)}]?done)
 same => n,Set(RF_STEP=1)
 same => n(look),Set(RF_OUT_TRUNK=)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(order,\${RF_STEP},1)} = 0]?done)
 same => n,Gosub(order,\${RF_STEP},1)
 same => n,GotoIf($["\${RF_OUT_TRUNK}" != "\${RF_EM_TRUNK}" & \${DIALPLAN_EXISTS(trunks,\${RF_OUT_TRUNK},1)}]?done)
 same => n,Set(RF_STEP=$[\${RF_STEP} + 1])
 same => n,Goto(look)
 same => n(done),Return()

[emergency-leg]
exten => s,1,GotoIf($["\${CHANNEL(channeltype)}" != "PJSIP"]?done)
 same => n,Set(GROUP(trunk)=\${ARG1})
 same => n,Set(GROUP(legs)=all)
 same => n,Set(SHARED(RF_EM_LEG,\${RF_EM_PARENT})=\${CHANNEL})
 same => n(done),Return()

; Beside a trunk that was asked: waits for its end, or for ${EMERGENCY_PATIENCE} s without a sign (a ringing or an early answer has the tag
; of the other side), and then asks the next one. It ends with the Dial that it is a leg of.
[emergency-next]
exten => _[0-9]!,1,GotoIf($["\${RF_EM_PARENT}" = "" | "\${RF_EM_TO}" = ""]?refused,s,1)
 same => n,Set(RF_PARENT=\${RF_EM_PARENT})
 same => n,Set(RF_LOOKS=0)
 same => n(look),Wait(${LOOK})
 same => n,Set(RF_LOOKS=$[\${RF_LOOKS} + 1])
 same => n,GotoIf($[\${CHANNEL_EXISTS(\${RF_PARENT})} = 0 | \${RF_LOOKS} > ${LOOKS}]?end)
 same => n,Set(RF_BESIDE=\${SHARED(RF_EM_LEG,\${RF_PARENT})})
 same => n,GotoIf($["\${RF_BESIDE}" = ""]?ask)
 same => n,GotoIf($[\${CHANNEL_EXISTS(\${RF_BESIDE})} = 0]?ask)
 same => n,GotoIf($[\${RF_LOOKS} < ${EMERGENCY_PATIENCE / LOOK}]?look)
 same => n,GotoIf($[0\${LEN(\${IMPORT(\${RF_BESIDE},CHANNEL(pjsip,remote_tag))})} > 0]?look)
 same => n(ask),Set(RF_EMERGENCY=1)
 same => n,Set(RF_OPT_OUT=i)
 same => n,Set(RF_DIALLED=\${RF_EM_TO})
 same => n,Set(RF_CLI=\${RF_EM_CLI})
 same => n,Set(RF_STEP=\${EXTEN})
 same => n,Gosub(emergency-call,s,1)
 same => n(end),Hangup(34)
`;
}

import { ADMITTED } from './engine-entries.ts';

/**
 * The part of the engine that knows what a number is. What differs by country is data: the contexts `rf-…` that
 * numbering.ts renders. Whoever calls these subroutines gives digits, or + and digits; anything else is no number.
 */
export function numberRoutines(): string {
  return `; ---- numbers ----

; ARG1 as dialled, to RF_DIALLED: E.164 with +, or a service number as it is, or nothing. RF_CLASS is one letter:
; N national, W world, P premium, S service. Without a country all is world.
[number-dialled]
exten => s,1,Set(RF_DIALLED=)
 same => n,Set(RF_CLASS=)
 same => n,Set(LOCAL(digits)=\${FILTER(0-9,\${ARG1})})
 same => n,GotoIf($["\${ARG1}" = "+\${digits}"]?world)
 same => n,GotoIf($["\${ARG1}" != "\${digits}" | \${LEN(\${digits})} < 2]?done)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-service,\${digits},1)}]?service)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-international,\${digits},1)}]?international)
 same => n,Gosub(number-national,s,1(\${digits}))
 same => n,Set(LOCAL(digits)=\${GOSUB_RETVAL})
 same => n,GotoIf($["\${digits}" = ""]?done:known)
 same => n(international),Gosub(rf-international,\${digits},1)
 same => n,Set(LOCAL(digits)=\${GOSUB_RETVAL})
 same => n(world),GotoIf($[\${LEN(\${digits})} < 6 | \${LEN(\${digits})} > 15 | "\${digits:0:1}" = "0"]?done)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-trunk-zero,\${digits},1)} = 0]?known)
 same => n,Gosub(rf-trunk-zero,\${digits},1)
 same => n,Set(LOCAL(digits)=\${GOSUB_RETVAL})
 same => n(known),Set(RF_DIALLED=+\${digits})
 same => n,Set(RF_CLASS=P)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-premium,\${digits},1)}]?done)
 same => n,Set(RF_CLASS=W)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-abroad,\${digits},1)}]?done)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-home,\${digits},1)} = 0]?done)
 same => n,Set(RF_CLASS=N)
 same => n(done),Return()
 same => n(service),Gosub(rf-service,\${digits},1)
 same => n,Set(RF_CLASS=\${GOSUB_RETVAL})
 same => n,Set(RF_DIALLED=\${digits})
 same => n,Return()

; Digits that are dialled inside the country, to digits with its calling code, or to nothing. A number that the plan does
; not have is not guessed. A rule of the country goes first, then the trunk prefix, then whole numbers without one, then
; the area of the caller's Location, for subscribers' numbers: those never begin with 0 or 1.
[number-national]
exten => s,1,GotoIf($["\${RF_COUNTRY_CODE}" = "" | \${LEN(\${ARG1})} < 3]?none)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-special,\${ARG1},1)} = 0]?trunk)
 same => n,Gosub(rf-special,\${ARG1},1)
 same => n,Set(LOCAL(national)=\${GOSUB_RETVAL})
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-valid,\${national},1)}]?found)
 same => n(trunk),GotoIf($["\${RF_NATIONAL_PREFIX}" = ""]?bare)
 same => n,GotoIf($["\${ARG1:0:\${LEN(\${RF_NATIONAL_PREFIX})}}" != "\${RF_NATIONAL_PREFIX}"]?bare)
 same => n,Set(LOCAL(national)=\${ARG1:\${LEN(\${RF_NATIONAL_PREFIX})}})
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-valid,\${national},1)}]?found)
 same => n(bare),Set(LOCAL(national)=\${ARG1})
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-bare,\${national},1)}]?found)
 same => n,GotoIf($["\${U_AREA}" = "" | \${LEN(\${ARG1})} < 4 | \${ARG1:0:1} < 2]?none)
 same => n,Set(LOCAL(national)=\${U_AREA}\${ARG1})
 same => n,GotoIf($[\${DIALPLAN_EXISTS(rf-valid,\${national},1)}]?found)
 same => n(none),Return()
 same => n(found),Return(\${RF_COUNTRY_CODE}\${national})

; A number as the trunk of T_FORMAT wants it, in the request and as caller ID; a service number stays as it is.
[number-written]
exten => s,1,Set(LOCAL(digits)=\${FILTER(0-9,\${ARG1})})
 same => n,GotoIf($["\${ARG1:0:1}" != "+" | "\${T_FORMAT}" = "" | "\${T_FORMAT}" = "E164"]?same)
 same => n,GotoIf($["\${T_FORMAT}" = "E164NoPlus"]?digits)
 same => n,GotoIf($["\${T_FORMAT}" != "National" | "\${RF_COUNTRY_CODE}" = ""]?international)
 same => n,GotoIf($["\${digits:0:\${LEN(\${RF_COUNTRY_CODE})}}" = "\${RF_COUNTRY_CODE}"]?national)
 same => n(international),Return(\${IF($["\${RF_INTERNATIONAL_PREFIX}" = ""]?00:\${RF_INTERNATIONAL_PREFIX})}\${digits})
 same => n(national),Return(\${RF_NATIONAL_PREFIX}\${digits:\${LEN(\${RF_COUNTRY_CODE})}})
 same => n(digits),Return(\${digits})
 same => n(same),Return(\${ARG1})

; A number as the carrier writes it, in any format, to the destination of our PhoneNumber.
[find-number]
exten => s,1,Set(LOCAL(digits)=\${FILTER(0-9,\${RF_DID})})
 same => n,Set(RF_NEXT=)
 same => n,GotoIf($["\${digits}" = ""]?miss)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(numbers,\${digits},1)}]?hit)
 same => n,Set(LOCAL(national)=\${digits})
 same => n,GotoIf($["\${digits:0:2}" != "00" | \${LEN(\${digits})} < 3]?dialled)
 same => n,Set(LOCAL(national)=\${digits:2})
 same => n,GotoIf($[\${DIALPLAN_EXISTS(numbers,\${national},1)}]?found)
 same => n(dialled),Gosub(number-dialled,s,1(\${FILTER(0-9+,\${RF_DID})}))
 same => n,Set(LOCAL(national)=\${FILTER(0-9,\${RF_DIALLED})})
 same => n,Set(RF_DIALLED=)
 same => n,GotoIf($["\${national}" = ""]?code)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(numbers,\${national},1)}]?found)
 same => n(code),Set(LOCAL(national)=\${RF_COUNTRY_CODE}\${digits})
 same => n,GotoIf($[\${DIALPLAN_EXISTS(numbers,\${national},1)} = 0]?miss)
 same => n(found),Set(LOCAL(digits)=\${national})
 same => n(hit),Gosub(numbers,\${digits},1)
 same => n(miss),Return()

; Out to the world, if the caller may: nothing set is nothing allowed. A number of our own stays inside.
[to-number]
exten => _[+0-9*#]!,1,${ADMITTED}
 same => n,Gosub(number-dialled,s,1(\${FILTER(0-9+*#,\${EXTEN})}))
 same => n,GotoIf($["\${RF_DIALLED}" = ""]?unknown)
 same => n,GotoIf($["\${RF_DIALLED:0:1}" != "+"]?class)
 same => n,GotoIf($[\${DIALPLAN_EXISTS(numbers,\${RF_DIALLED:1},1)}]?ours)
 same => n(class),GotoIf($["\${FILTER(\${RF_CLASS},\${RF_DIAL})}" = ""]?forbidden)
 same => n,Goto(send,s,1)
 same => n(ours),Gosub(numbers,\${RF_DIALLED:1},1)
 same => n,Goto(next,s,1)
 same => n(forbidden),Hangup(21)
 same => n(unknown),Hangup(1)
`;
}

/**
 * What phones may watch (lamps: `Event: dialog`, `Event: presence`). The extensions themselves are data, in the context
 * `hints-users` of extensions_tenant.conf: whoever is not there gets 404.
 *
 * A watcher of a ringing phone is told who calls it, by the connected line of that phone's channel, and no option of
 * Asterisk leaves it out. The phone itself is told by the *private* connected line where there is one (both measured, 22.10).
 * So `hide-caller`, which runs on each leg to a phone before it rings, moves the caller there: the phone shows who
 * calls, a lamp says that it rings, and nobody's lamp says who calls. LEN, since what a caller is called may hold
 * anything, also what would be read as part of an expression.
 */
export function renderHints(): string {
  return `[hints]
include => hints-users

[hide-caller]
exten => s,1,GotoIf($[\${LEN(\${CONNECTEDLINE(name)})} = 0]?number)
 same => n,Set(CONNECTEDLINE(priv-name,i)=\${CONNECTEDLINE(name)})
 same => n,Set(CONNECTEDLINE(priv-name-pres,i)=\${CONNECTEDLINE(name-pres)})
 same => n,Set(CONNECTEDLINE(name,i)=)
 same => n(number),GotoIf($[\${LEN(\${CONNECTEDLINE(num)})} = 0]?done)
 same => n,Set(CONNECTEDLINE(priv-num,i)=\${CONNECTEDLINE(num)})
 same => n,Set(CONNECTEDLINE(priv-num-pres,i)=\${CONNECTEDLINE(num-pres)})
 same => n,Set(CONNECTEDLINE(num,i)=)
 same => n,Set(CONNECTEDLINE(num-pres,i)=prohib)
 same => n(done),Return()
`;
}

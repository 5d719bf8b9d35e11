import { type Dialplan, parse } from './parse.ts';
import type { Terms } from './rules.ts';

/** Small dialplans for the tests of the rules. */

export const TERMS: Terms = {
  entries: [
    { context: 'in', set: [] },
    { context: 'moved', set: ['BLINDTRANSFER'] },
  ],
  guard: 'GotoIf($["${OK}" != "1"]?refused,s,1)',
  unguarded: [],
  admits: 'OK',
  data: ['data'],
};
const WORDS = new Map([['to-${CUT(NEXT,:,1)}', ['to-one', 'to-two']]]);

/** An entry, then the lines: ` same => n,` stands before each that is no context, extension or comment. */
export function dialplan(lines: string, { entry = '', globals = '' } = {}): Dialplan {
  const text = `[globals]
GLOBE=1
${globals}
[in]
exten => _X!,1,Set(OK=1)
${entry}
 same => n,Goto(start,s,1)
[moved]
exten => _X!,1,Set(OK=1)
 same => n,Hangup()
[refused]
exten => s,1,Hangup(21)
[data]
exten => 1,1,Set(ARRAY(D_ONE,D_TWO)=a,b)
 same => n,Return()
[start]
exten => s,1,GotoIf($["\${OK}" != "1"]?refused,s,1)
${lines
  .replaceAll(/^(?=[A-Z]\w+\(|\()/gm, ' same => n,')
  .replaceAll(',(', '(')
  .replaceAll(/\)(?=[A-Z]\w*\()/g, '),')}
`;
  return { ...parse(text), words: WORDS };
}

import { describe, expect, it } from 'vitest';
import type { Dialplan } from './parse.ts';
import { endsAtEntries, isGuarded, isReached, isRead, isSet, targetsExist, waysEnd } from './rules.ts';
import { dialplan, TERMS } from './snippets.ts';

/** Each rule finds what it is for, and nothing in a dialplan that is right. */

const GUARD = `exten => s,1,${TERMS.guard}`;
const ROUTINE = '[routine]\nexten => s,1,Set(BY_ROUTINE=1)\nReturn()';

const rules = { targetsExist, waysEnd, isReached, isGuarded, isSet, isRead };
type Rule = keyof typeof rules;

function wrong(rule: Rule, text: Dialplan): string[] {
  expect(text.wrong).toEqual([]);
  return rules[rule](text, TERMS);
}

describe('nothing is wrong, unless that nobody reads it, with', () => {
  it.each([
    ['an end', 'Hangup()'],
    ['a routine', `Gosub(routine,s,1)\nSet(X=\${BY_ROUTINE})\nHangup()\n${ROUTINE}`],
    ['a routine with arguments', 'Gosub(r,s,1(a,b))\nHangup()\n[r]\nexten => s,1,Set(X=${ARG1}${ARG2})\nReturn()'],
    ['what a routine returns', 'Gosub(r,s,1)\nSet(X=${GOSUB_RETVAL})\nHangup()\n[r]\nexten => s,1,Return(1)'],
    ['data', 'Gosub(data,${CONTEXT},1)\nSet(X=${D_ONE}${D_TWO})\nHangup()'],
    ['a label', 'GotoIf($["${EXTEN}" = ""]?end)\nNoOp()\n(end)Hangup()'],
    ['two ways', 'GotoIf($[0${EXTEN} = 1]?one:two)\n(one)Hangup()\n(two)Hangup()'],
    ['a loop', 'Set(X=0)\n(again)Set(X=$[${X} + 1])\nGotoIf($[${X} < 3]?again)\nHangup()'],
    [
      'a variable that both ways set',
      'GotoIf($["${EXTEN}" = "1"]?one)\nSet(Y=1)\nGoto(end)\n(one)Set(Y=2)\n(end)Set(Z=${Y})\nHangup()',
    ],
    [
      'a variable that was asked for',
      'ExecIf($["${EXTEN}" = "1"]?Set(X=1))\nGotoIf($["${X}" = ""]?end)\nSet(Y=${X})\n(end)Hangup()',
    ],
    [
      'one that was asked for in the same step',
      'ExecIf($["${EXTEN}" = "1"]?Set(X=1))\nExecIf($["${X}" != ""]?Set(Y=${X}))\nHangup()',
    ],
    [
      'one that was asked for by IF',
      'ExecIf($["${EXTEN}" = "1"]?Set(X=1))\nSet(Y=${IF($["${X}" = ""]?1:${X})})\nHangup()',
    ],
    [
      'one that has a length',
      'ExecIf($["${EXTEN}" = "1"]?Set(X=1))\nGotoIf($[0${LEN(${X})} = 0]?end)\nSet(Y=${X})\n(end)Hangup()',
    ],
    ['a global one', 'Set(X=${GLOBE})\nHangup()'],
    ['one by its name', 'Set(X=a,b)\nSet(Y=${CUT(X,\\,,1)})\nHangup()'],
    ['a local one', 'Set(LOCAL(x)=1)\nSet(Y=${x})\nHangup()'],
    [
      'one that legs inherit',
      'Set(__X=1)\nDial(PJSIP/a,,b(leg^s^1(1)))\nHangup()\n[leg]\nexten => s,1,Set(Y=${X}${ARG1})\nReturn()',
    ],
    ['one that Dial leaves', 'Dial(PJSIP/a)\nSet(X=${DIALSTATUS})\nHangup()'],
    [
      'words',
      'Set(NEXT=one:1)\nGoto(to-${CUT(NEXT,:,1)},${CUT(NEXT,:,2)},1)\n[to-one]\nexten => _X,1,GotoIf($["${OK}" != "1"]?refused,s,1)\nHangup()\n[to-two]\nexten => _X,1,Hangup()',
    ],
    ['a context that includes', 'Goto(around,1,1)\n[around]\ninclude => moved'],
    ['what runs at the end', `Set(CHANNEL(hangup_handler_push)=routine,s,1)\nHangup()\n${ROUTINE}`],
  ])('%s', (_what, lines) => {
    const text = dialplan(lines);

    for (const rule of Object.keys(rules) as Rule[]) if (rule !== 'isRead') expect(wrong(rule, text), rule).toEqual([]);
  });
});

const BAD: [Rule, what: string, lines: string, problem: RegExp][] = [
  ['targetsExist', 'a context that is not there', 'Goto(nowhere,s,1)', /start.* there is no nowhere,s,1/],
  ['targetsExist', 'an extension that is not there', 'Goto(start,t,1)', /there is no start,t,1/],
  ['targetsExist', 'an extension that no pattern takes', 'Goto(in,s,1)', /there is no in,s,1/],
  ['targetsExist', 'a priority that is not there', 'Goto(start,s,7)', /there is no start,s,7/],
  ['targetsExist', 'a label of nobody', 'GotoIf($[1]?gone)\nHangup()', /there is no gone/],
  [
    'targetsExist',
    'a label of another extension',
    'Goto(there)\n[refused]\nexten => t,1,NoOp()\n(there)Hangup()',
    /there is no there/,
  ],
  ['targetsExist', 'the other way', 'GotoIf($[1]?start,s,1:gone,s,1)', /there is no gone,s,1/],
  ['targetsExist', 'a routine', 'Gosub(gone,s,1)\nHangup()', /there is no gone,s,1/],
  ['targetsExist', 'a routine of ExecIf', 'ExecIf($[1]?Gosub(gone,s,1))\nHangup()', /there is no gone,s,1/],
  ['targetsExist', 'a routine of a leg', 'Dial(PJSIP/a,,ib(gone^s^1))\nHangup()', /there is no gone,s,1/],
  ['targetsExist', 'a routine of an answer', 'Dial(PJSIP/a,,iU(gone))\nHangup()', /there is no gone,s,1/],
  ['targetsExist', 'the other end of a leg', 'Dial(PJSIP/a&Local/1@gone/n)\nHangup()', /there is no gone,1,1/],
  [
    'targetsExist',
    'a routine at the end',
    'Set(CHANNEL(hangup_handler_push)=gone,s,1)\nHangup()',
    /there is no gone,s,1/,
  ],
  ['targetsExist', 'a kind of destination', 'Set(NEXT=one:1)\nGoto(gone-${CUT(NEXT,:,1)},s,1)', /there is no gone-/],
  [
    'targetsExist',
    'a context that is asked for',
    'GotoIf($[${DIALPLAN_EXISTS(gone,1,1)}]?end)\n(end)Hangup()',
    /asks for gone/,
  ],
  ['waysEnd', 'a step that nothing follows', 'NoOp()', /start.* nothing follows/],
  ['waysEnd', 'a way that nothing follows', 'GotoIf($[1]?start,s,1)', /nothing follows/],
  ['waysEnd', 'a return without a call', 'Return()', /returns, and nobody called/],
  [
    'targetsExist',
    'an included context',
    'Hangup()\n[data]\ninclude => gone',
    /\[data\] includes gone, which is no context/,
  ],
  [
    'isGuarded',
    'a context that includes one in the middle',
    'Hangup()\n[data]\ninclude => start',
    /\[data\] includes start, which is no entry/,
  ],
  [
    'waysEnd',
    'a routine that goes on',
    'Gosub(r,s,1)\nHangup()\n[r]\nexten => s,1,NoOp()\nGoto(start,s,1)',
    /a routine goes on elsewhere/,
  ],
  ['isReached', 'a context', 'Hangup()\n[alone]\nexten => s,1,Hangup()', /\[alone\] s,1: no way leads here/],
  ['isReached', 'an extension', 'Hangup()\nexten => t,1,Hangup()', /\[start\] t,1: no way/],
  ['isReached', 'a step behind the end', 'Hangup()\nNoOp()\nHangup()', /\[start\] s,3: no way/],
  [
    'isReached',
    'a step behind a routine that only ends',
    'Gosub(r,s,1)\nNoOp()\nHangup()\n[r]\nexten => s,1,Hangup()',
    /\[start\] s,3: no way/,
  ],
  [
    'isReached',
    'what only itself leads to',
    'Hangup()\n[one]\nexten => s,1,Goto(two,s,1)\n[two]\nexten => s,1,Goto(one,s,1)',
    /\[one\] s,1.*/,
  ],
  [
    'isGuarded',
    'a context that asks for nothing',
    'Goto(next,s,1)\n[next]\nexten => s,1,NoOp()\nHangup()',
    /\[next\] s,1: does not ask/,
  ],
  [
    'isGuarded',
    'one that asks too late',
    `Goto(next,s,1)\n[next]\nexten => s,1,NoOp()\n${TERMS.guard}\nHangup()`,
    /\[next\] s,1: does not ask/,
  ],
  [
    'isGuarded',
    'one of two extensions',
    `Goto(next,s,1)\n[next]\n${GUARD}\nHangup()\nexten => t,1,NoOp()\nHangup()`,
    /\[next\] t,1: does not ask/,
  ],
  [
    'isGuarded',
    'the other end of a leg',
    'Dial(Local/s@next/n)\nHangup()\n[next]\nexten => s,1,NoOp()\nHangup()',
    /\[next\] s,1: does not ask/,
  ],
  ['isGuarded', 'somebody else who admits', 'Set(OK=1)\nHangup()', /\[start\] s,2: admits a channel/],
  ['isGuarded', 'a list that admits', 'Set(ARRAY(X,OK)=1,1)\nHangup()', /\[start\] s,2: admits a channel/],
  ['isGuarded', 'admitting on a condition', 'ExecIf($[1]?Set(OK=1))\nHangup()', /\[start\] s,2: admits a channel/],
  ['isSet', 'a variable of nobody', 'Set(X=${GONE})\nHangup()', /start.*nothing sets GONE before/],
  ['isSet', 'one in quotes', 'GotoIf($["${GONE}" = ""]?end)\n(end)Hangup()', /nothing sets GONE before/],
  ['isSet', 'one that is set later', 'Set(X=${Y})\nSet(Y=1)\nHangup()', /nothing sets Y before/],
  [
    'isSet',
    'one that one way sets',
    'ExecIf($["${EXTEN}" = "1"]?Set(X=1))\nSet(Y=${X})\nHangup()',
    /not all ways set X/,
  ],
  [
    'isSet',
    'one that one branch sets',
    'GotoIf($["${EXTEN}" = "1"]?one)\nSet(X=1)\n(one)Set(Y=${X})\nHangup()',
    /not all ways set X/,
  ],
  [
    'isSet',
    'one that the first turn does not set',
    'Set(Y=0)\n(again)GotoIf($[${Y} = 1]?end)\nSet(Y=1)\nGotoIf($[0${X} = 0]?end)\nSet(Z=${X})\nGoto(again)\n(end)Hangup()',
    /nothing sets X/,
  ],
  [
    'isSet',
    'a local one of a routine',
    'Gosub(r,s,1)\nSet(X=${mine})\nHangup()\n[r]\nexten => s,1,Set(LOCAL(mine)=1)\nReturn()',
    /nothing sets mine/,
  ],
  [
    'isSet',
    'a local one of the caller',
    'Set(LOCAL(mine)=1)\nGosub(r,s,1)\nHangup()\n[r]\nexten => s,1,Set(X=${mine})\nReturn()',
    /nothing sets mine/,
  ],
  [
    'isSet',
    'an argument that is not given',
    'Gosub(r,s,1(a))\nHangup()\n[r]\nexten => s,1,Set(X=${ARG2})\nReturn()',
    /nothing sets ARG2/,
  ],
  [
    'isSet',
    'an argument that one caller gives',
    'Gosub(r,s,1(a))\nGosub(r,s,1)\nHangup()\n[r]\nexten => s,1,Set(X=${ARG1})\nReturn()',
    /not all ways set ARG1/,
  ],
  [
    'isSet',
    'one that a routine sets on one way',
    'Gosub(r,s,1)\nSet(X=${Y})\nHangup()\n[r]\nexten => s,1,GotoIf($["${EXTEN}" = "1"]?end)\nSet(Y=1)\n(end)Return()',
    /not all ways set Y/,
  ],
  [
    'isSet',
    'one that a leg does not inherit',
    'Set(X=1)\nDial(PJSIP/a,,b(leg^s^1))\nHangup()\n[leg]\nexten => s,1,Set(Y=${X})\nReturn()',
    /nothing sets X/,
  ],
  [
    'isSet',
    'one that a leg of a leg does not inherit',
    'Set(_X=1)\nDial(Local/s@two/n)\nHangup()\n[two]\nexten => s,1,Dial(PJSIP/a,,b(leg^s^1))\nHangup()\n[leg]\nexten => s,1,Set(Y=${X})\nReturn()',
    /\[leg\].*nothing sets X/,
  ],
  ['isSet', 'one by its name', 'Set(X=${CUT(GONE,:,1)})\nHangup()', /nothing sets GONE/],
  ['isSet', 'one inside another', 'Set(X=${CUT(CUT(GONE,/,2),-,1)})\nHangup()', /nothing sets GONE/],
  ['isSet', 'one in a condition', 'GotoIf($[${GONE} > 1]?end)\n(end)Hangup()', /nothing sets GONE/],
  ['isSet', 'one in a target', 'Gosub(data,${GONE},1)\nHangup()', /nothing sets GONE/],
  ['isSet', 'one as a length', 'Set(X=${EXTEN:${LEN(${GONE})}})\nHangup()', /nothing sets GONE/],
  ['isSet', 'one on the left', 'Set(DB(a/${GONE})=1)\nHangup()', /nothing sets GONE/],
  ['isSet', 'one in ExecIf', 'ExecIf($["${EXTEN}" = "1"]?Set(X=${GONE}))\nHangup()', /nothing sets GONE/],
  ['isSet', 'a shared one', 'Set(X=${SHARED(GONE)})\nHangup()', /nothing sets SHARED\(GONE\)/],
  [
    'isSet',
    'a shared one of another channel',
    'Set(X=${SHARED(GONE,${CHANNEL})})\nHangup()',
    /nothing sets SHARED\(GONE\)/,
  ],
  ['isSet', 'one that only a transfer has', 'Set(X=${BLINDTRANSFER})\nHangup()', /nothing sets BLINDTRANSFER/],
  [
    'isSet',
    'one that was asked for the other way round',
    'ExecIf($["${EXTEN}" = "1"]?Set(X=1))\nGotoIf($["${X}" != ""]?end)\nSet(Y=${X})\n(end)Hangup()',
    /not all ways set X/,
  ],
  [
    'isSet',
    'one that was asked for with an or',
    'ExecIf($["${EXTEN}" = "1"]?Set(X=1))\nGotoIf($["${X}" != "" | "${EXTEN}" = "2"]?one)\nHangup()\n(one)Set(Y=${X})\nHangup()',
    /not all ways set X/,
  ],
  ['isRead', 'a variable for nobody', 'Set(X=1)\nHangup()', /start.*nothing reads X/],
  ['isRead', 'one that legs inherit', 'Set(__X=1)\nHangup()', /nothing reads X/],
  ['isRead', 'a local one', 'Set(LOCAL(x)=1)\nHangup()', /nothing reads x/],
  ['isRead', 'a shared one', 'Set(SHARED(X)=1)\nHangup()', /nothing reads SHARED\(X\)/],
  ['isRead', 'one in ExecIf', 'ExecIf($[1]?Set(X=1))\nHangup()', /nothing reads X/],
];

describe('wrong is', () => {
  it.each(BAD)('%s: %s', (rule, _what, lines, problem) => {
    expect(wrong(rule, dialplan(lines)).join('\n')).toMatch(problem);
  });

  it.each([
    ['an entry that does not admit', { entry: '' }, 'isGuarded', /\[third\]: does not admit/],
    [
      'an entry that admits what comes after',
      { entry: ' same => n,Set(__OK=1)' },
      'isGuarded',
      /admits what is not this channel alone/,
    ],
    ['a global variable that admits', { globals: 'OK=1' }, 'isGuarded', /\[globals\]: admits all/],
  ] as const)('%s', (what, more, rule, problem) => {
    const text = dialplan('Hangup()\n[third]\nexten => s,1,NoOp()\nHangup()', more);
    const third = what.includes('does not') ? [{ context: 'third', set: [] }] : [];

    expect(rules[rule](text, { ...TERMS, entries: [...TERMS.entries, ...third] }).join('\n')).toMatch(problem);
  });

  it.each([
    ['an application without brackets', ' same => n,Hangup'],
    ['a comment behind a step', ' same => n,Set(X=a);b)'],
    ['a `;` without a backslash', ' same => n,Set(X=a;b)'],
    ['a priority that is not the next', 'exten => t,2,Hangup()'],
    ['a step of no extension', '[new]\n same => n,Hangup()'],
    ['anything else', 'extn => s,1,Hangup()'],
  ])('%s', (_what, line) => {
    expect(dialplan(`Hangup()\n${line}`).wrong).toHaveLength(1);
  });

  it('no variable that is read anywhere', () => {
    const lines = 'Set(X=1)\nSet(_Y=1)\nSet(LOCAL(z)=1)\nNoOp(${X}${Y}${z})\nHangup()';

    expect(wrong('isRead', dialplan(lines))).toEqual([]);
  });

  it('an application of which nobody said where it leads', () => {
    expect(() => targetsExist(dialplan('Queue(a)\nHangup()'))).toThrow('Queue');
  });

  it.each([
    ['a context in the middle', 'context=start', /leads to start/],
    ['one for messages', 'message_context=start', /leads to start/],
    ['one for transfers', 'set_var=TRANSFER_CONTEXT=start', /leads to start/],
    ['one that includes one', 'context=around', /leads to around/],
    ['a channel that is born admitted', 'set_var=__OK=1', /admits a channel/],
  ])('an endpoint with %s', (_what, line, problem) => {
    const text = dialplan('Hangup()\n[around]\ninclude => start\n[before]\ninclude => in');

    expect(endsAtEntries(`[a]\n${line}\n`, text, TERMS).join('\n')).toMatch(problem);
    expect(endsAtEntries('context=in\nmessage_context=nobody\nset_var=X_CONTEXT=before', text, TERMS)).toEqual([]);
  });
});

import { type Call, callOf, choice, type Dialplan, matches, type Step, split } from './parse.ts';

/** Where a step may go on. */

export interface Target {
  /**
   * `go`: here, for good. `call`: a routine, and back. `leg`: a routine on a channel that this one makes. `end`: a routine
   * when the channel ends. `begin`: a channel that this one makes and that runs there.
   */
  readonly kind: 'go' | 'call' | 'leg' | 'end' | 'begin';
  /** As written: may have variables in it. `undefined`: that of the step. */
  readonly context: string | undefined;
  readonly extension: string | undefined;
  /** A number from 1, or a label. */
  readonly priority: string;
  readonly args: number;
  /** The condition under which it goes there, and what that has to come out as. */
  readonly when?: { readonly condition: string; readonly truth: boolean };
}

/** What a step does: targets, and whether it may go on to the next priority. */
export interface Way {
  readonly targets: readonly Target[];
  readonly next: 'always' | 'never' | { readonly condition: string; readonly truth: boolean };
}

/** Applications that lead nowhere else. Any other is unknown to this reader, and has to be taught to it. */
const PLAIN = new Set([
  'Answer',
  'Log',
  'NoOp',
  'Playback',
  'Progress',
  'Ringing',
  'Set',
  'SoftHangup',
  'VMAuthenticate',
  'VoiceMail',
  'VoiceMailMain',
  'Wait',
]);

export function wayOf(call: Call): Way {
  const { name, args } = call;
  if (name === 'Return' || name === 'Hangup') return { targets: [], next: 'never' };
  if (name === 'Goto') return { targets: [to(args, 'go')], next: 'never' };
  if (name === 'Gosub') return { targets: [to(args, 'call')], next: 'always' };
  if (name === 'GotoIf') return branches(args);
  if (name === 'ExecIf') return perhaps(args);
  if (name === 'Dial') return { targets: dialled(args), next: 'always' };
  if (name === 'Set') return { targets: handlers(args), next: 'always' };
  if (PLAIN.has(name)) return { targets: [], next: 'always' };
  throw new Error(`Where does ${name} lead to? targets.ts does not know`);
}

function branches(args: string): Way {
  const { condition, yes, no } = choice(args);
  const targets = [
    ...(yes === '' ? [] : [{ ...to(yes, 'go'), when: { condition, truth: true } }]),
    ...(no === '' ? [] : [{ ...to(no, 'go'), when: { condition, truth: false } }]),
  ];
  if (targets.length === 2) return { targets, next: 'never' };
  return { targets, next: { condition, truth: yes === '' } };
}

function perhaps(args: string): Way {
  const inner = innerCalls({ name: 'ExecIf', args });
  const { condition } = choice(args);
  const ways = inner.map(({ call, truth }) => ({ way: wayOf(call), when: { condition, truth } }));
  return { targets: ways.flatMap(({ way, when }) => way.targets.map(one => ({ ...one, when }))), next: 'always' };
}

/** What ExecIf may run; of other applications nothing. */
export function innerCalls({ name, args }: Call): { readonly call: Call; readonly truth: boolean }[] {
  if (name !== 'ExecIf') return [];
  const { yes, no } = choice(args);
  return [
    { text: yes, truth: true },
    { text: no, truth: false },
  ]
    .filter(({ text }) => text !== '')
    .map(({ text, truth }) => {
      const call = callOf(text);
      if (!call) throw new Error(`ExecIf runs something that is no application: ${text}`);
      return { call, truth };
    });
}

/** The application of a step, and those that it runs. */
export function callsOf(call: Call): Call[] {
  return [call, ...innerCalls(call).flatMap(({ call: inner }) => callsOf(inner))];
}

/** `[[context,]extension,]priority[(arguments)]`. */
function to(text: string, kind: Target['kind'], separator = ','): Target {
  const parts = split(text, separator, 3);
  const [, priority = '', args] = /^([\w-]+)(?:\((.*)\))?$/.exec(parts.at(-1) ?? '') ?? [];
  return {
    kind,
    context: parts.at(-3),
    extension: parts.at(-2),
    priority,
    args: args === undefined ? 0 : split(args, separator).length,
  };
}

/** Routines on the legs, `b(…)`, on the one that answers, `U(…)`, at its `s,1`, and what runs on the other end of a Local channel. */
function dialled(args: string): Target[] {
  const [who = '', , options = ''] = split(args, ',');
  const legs = [...options.matchAll(/[bB]\(((?:[^()]|\([^()]*\))*)\)/g)].map(([, text = '']) => to(text, 'leg', '^'));
  const answered = [...options.matchAll(/U\(([\w-]+)\)/g)].map(([, context = '']) => to(`${context},s,1`, 'leg'));
  const locals = [...who.matchAll(/Local\/([^@&]+)@([\w-]+)/g)].map(([, extension = '', context = '']) =>
    to(`${context},${extension},1`, 'begin'),
  );
  return [...legs, ...answered, ...locals];
}

function handlers(args: string): Target[] {
  const text = /^CHANNEL\(hangup_handler_push\)=(.*)$/.exec(args)?.[1];
  return text === undefined ? [] : [to(text, 'end')];
}

/** The steps that a target leads to; none: it leads nowhere. */
export function found(dialplan: Dialplan, from: Step, target: Target): Step[] {
  const wanted = target.context ?? from.context;
  const named = dialplan.words.get(wanted) ?? [wanted];
  const searched = named.flatMap(name => searchedWith(dialplan, name));
  const contexts = [...dialplan.contexts].filter(([name]) => searched.includes(name));
  return contexts.flatMap(([, extensions]) =>
    [...extensions].flatMap(([name, steps]) => {
      const there = target.extension === undefined ? name === from.extension : meets(target.extension, name);
      if (!there) return [];
      const step = /^\d+$/.test(target.priority)
        ? steps[Number(target.priority) - 1]
        : steps.find(({ label }) => label === target.priority);
      return step ? [step] : [];
    }),
  );
}

/** A context, and those that it includes. */
export function searchedWith(
  { includes }: Pick<Dialplan, 'includes'>,
  context: string,
  seen: readonly string[] = [],
): string[] {
  if (seen.includes(context)) return [];
  const within = includes.get(context) ?? [];
  return [context, ...within.flatMap(one => searchedWith({ includes }, one, [...seen, context]))];
}

/** An extension is known, or it is whatever is there. */
function meets(written: string, name: string): boolean {
  return written.includes('${') ? true : matches(name, written);
}

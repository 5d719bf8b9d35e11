import { type Entry, follow, made, said, sets } from './flow.ts';
import { type Dialplan, stepsOf } from './parse.ts';
import { callsOf, found, searchedWith, type Target, wayOf } from './targets.ts';

/** What has to be true of a dialplan. Each rule tells what is wrong, step by step. */

export interface Terms {
  /** Where calls of endpoints, and what Asterisk begins by itself, come in. */
  readonly entries: readonly Entry[];
  /** First on each way that is not begun as a routine. */
  readonly guard: string;
  /** Contexts whose first step asks in its own way. */
  readonly unguarded: readonly string[];
  /** The variable that admits a channel. */
  readonly admits: string;
  /** Contexts that are read, and are data of the tenant. */
  readonly data: readonly string[];
}

/** Set on every channel, or computed when it is read (pbx_variables.c). */
const BUILT_IN = new Set(['CHANNEL', 'CONTEXT', 'EPOCH', 'EXTEN', 'HANGUPCAUSE', 'PRIORITY', 'UNIQUEID']);

/** Each Gosub, Goto, routine of a leg or of an end, and each context that is asked for, is there. */
export function targetsExist(dialplan: Dialplan): string[] {
  const included = [...dialplan.includes].flatMap(([context, all]) =>
    all.filter(one => !dialplan.contexts.has(one)).map(one => `[${context}] includes ${one}, which is no context`),
  );
  const led = stepsOf(dialplan).flatMap(step => {
    const missing = wayOf(step)
      .targets.filter(target => found(dialplan, step, target).length === 0)
      .filter(({ context, extension }) => !isOpen(dialplan, context, extension))
      .map(target => said(step, `there is no ${written(target)}`));
    const asked = made(step)
      .functions.filter(({ name }) => name === 'DIALPLAN_EXISTS')
      .map(({ args }) => args.split(',')[0] ?? '')
      .filter(context => !context.startsWith('$') && !dialplan.contexts.has(context))
      .map(context => said(step, `asks for ${context}, which is no context`));
    return [...missing, ...asked];
  });
  return [...included, ...led];
}

/** A context of data is there and may be empty; what is in it differs by tenant. */
function isOpen({ contexts }: Dialplan, context: string | undefined, extension: string | undefined): boolean {
  return context !== undefined && extension?.includes('${') === true && contexts.get(context)?.size === 0;
}

function written({ context, extension, priority }: Target): string {
  return [context, extension, priority].filter(part => part !== undefined).join(',');
}

/** No way ends because nothing follows, none returns to where it did not come from, and a routine ends in itself. */
export function waysEnd(dialplan: Dialplan, { entries, data }: Terms): string[] {
  const routines = routinesOf(dialplan);
  const last = [...dialplan.contexts.values()]
    .flatMap(extensions => [...extensions.values()])
    .flatMap(steps => steps.at(-1) ?? []);
  const open = last.filter(step => wayOf(step).next !== 'never').map(step => said(step, 'nothing follows'));
  const elsewhere = last
    .filter(({ context, name }) => routines.has(context) && !data.includes(context) && name.startsWith('Goto'))
    .map(step => said(step, 'a routine goes on elsewhere'));
  const astray = follow(dialplan, entries, 'some').astray.map(step => said(step, 'returns, and nobody called'));
  return [...open, ...elsewhere, ...astray];
}

/** Contexts that are begun as a routine. */
function routinesOf(dialplan: Dialplan): ReadonlySet<string> {
  return new Set(
    stepsOf(dialplan).flatMap(step =>
      wayOf(step)
        .targets.filter(({ kind }) => kind !== 'go' && kind !== 'begin')
        .flatMap(target => found(dialplan, step, target).map(({ context }) => context)),
    ),
  );
}

/** No step is there for nothing. */
export function isReached(dialplan: Dialplan, { entries, data }: Terms): string[] {
  const { before } = follow(dialplan, entries, 'some');
  return stepsOf(dialplan)
    .filter(step => !data.includes(step.context) && !before.has(step))
    .map(step => said(step, 'no way leads here'));
}

/** Only an entry admits a channel, and all else that is no routine turns away one that was not admitted. */
export function isGuarded(dialplan: Dialplan, { entries, guard, unguarded, admits, data }: Terms): string[] {
  const steps = stepsOf(dialplan);
  const inside = new Set(entries.map(({ context }) => context));
  const routines = routinesOf(dialplan);
  const open = steps
    .filter(({ place, context }) => place === 0 && !inside.has(context) && !routines.has(context))
    .filter(({ context }) => !unguarded.includes(context) && !data.includes(context))
    .filter(({ name, args }) => name !== 'Hangup' && `${name}(${args})` !== guard)
    .map(step => said(step, 'does not ask whether the channel was admitted'));
  const admitting = steps.flatMap(step =>
    callsOf(step)
      .flatMap(sets)
      .filter(name => new RegExp(`\\b_*${admits}\\b`).test(name))
      .map(name => ({ step, name })),
  );
  const wrong = admitting
    .filter(({ step }) => !inside.has(step.context))
    .map(({ step }) => said(step, 'admits a channel'));
  const inherited = admitting
    .filter(({ name }) => name !== admits)
    .map(({ step }) => said(step, 'admits what is not this channel alone'));
  const without = [...inside]
    .filter(context => admitting.filter(({ step }) => step.context === context).length !== 1)
    .map(context => `[${context}]: does not admit, or does so twice`);
  // who comes to a context comes to all that it includes
  const opened = [...dialplan.includes].flatMap(([context, all]) =>
    all
      .filter(one => !inside.has(one) && !data.includes(one))
      .map(one => `[${context}] includes ${one}, which is no entry`),
  );
  const all = dialplan.globals.has(admits) ? ['[globals]: admits all channels'] : [];
  return [...open, ...wrong, ...inherited, ...without, ...opened, ...all];
}

/** No variable is read that nothing has set; and where not all ways set it, it is read so that none means empty. */
export function isSet(dialplan: Dialplan, { entries, data }: Terms): string[] {
  const every = follow(dialplan, entries, 'every').before;
  const some = follow(dialplan, entries, 'some').before;
  const anywhere = new Set([...some.values()].flatMap(names => [...names]));
  const free = new Set([...BUILT_IN, ...dialplan.globals]);
  return stepsOf(dialplan)
    .filter(step => !data.includes(step.context) && every.has(step))
    .flatMap(step =>
      made(step).reads.flatMap(({ name, safe, elsewhere, given }) => {
        const is = (names: ReadonlySet<string> | undefined): boolean =>
          free.has(name) || names?.has(name) || names?.has(`LOCAL ${name}`) || false;
        if (elsewhere) return is(anywhere) ? [] : [said(step, `nothing sets ${name}`)];
        if (!is(some.get(step))) return [said(step, `nothing sets ${name} before`)];
        if (safe || is(every.get(step)) || given.has(name)) return [];
        return [said(step, `not all ways set ${name} before`)];
      }),
    );
}

/** No variable is set that nothing reads: it would be another one's name, misspelt. */
export function isRead(dialplan: Dialplan, { data }: Terms): string[] {
  const steps = stepsOf(dialplan).filter(({ context }) => !data.includes(context));
  const read = new Set(steps.flatMap(step => made(step).reads.map(({ name }) => name)));
  return steps.flatMap(step =>
    callsOf(step)
      .filter(({ name }) => name === 'Set')
      .flatMap(sets)
      .map(name => name.replace(/^LOCAL |^_+/, ''))
      .filter(name => !read.has(name))
      .map(name => said(step, `nothing reads ${name}`)),
  );
}

/** Endpoints lead to entries, to hints, or to contexts that there are not; and none of them is born admitted. */
export function endsAtEntries(text: string, dialplan: Dialplan, { entries, admits }: Terms): string[] {
  const allowed = [...entries.map(({ context }) => context), 'hints'];
  const named = [...text.matchAll(/\w*context\s*=>?\s*([\w.-]+)/gi)].map(([, name = '']) => name);
  const wrong = named
    .filter(name => !allowed.includes(name))
    .filter(name => {
      const reached = searchedWith(dialplan, name);
      return reached.some(one => !allowed.includes(one) && (dialplan.contexts.get(one)?.size ?? 0) > 0);
    });
  const born = text.split('\n').filter(line => new RegExp(`=\\s*_*${admits}\\b`).test(line));
  return [...wrong.map(name => `an endpoint leads to ${name}`), ...born.map(line => `admits a channel: ${line}`)];
}

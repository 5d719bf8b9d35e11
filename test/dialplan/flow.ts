import { haveValues, intersection, readsOf, union, usesOf } from './expressions.ts';
import { type Call, callOf, type Dialplan, nameOf, type Step, split, stepsOf } from './parse.ts';
import { found, innerCalls, type Target, wayOf } from './targets.ts';

/**
 * What is set when a step begins, over all ways that lead to it from the entries. A routine is followed once and counted
 * wherever it is called; what it has as LOCAL stays in it, and those of its caller are not its own. On a channel that a
 * call makes only what is inherited (`_NAME`, `__NAME`) is set.
 *
 * Not seen: the order in time of what runs on other channels, and whether a value that is set is empty. A condition is
 * understood where it compares one variable with a text, or asks for its length.
 */

/** `every`: set on every way. `some`: set on at least one. */
export type Mode = 'every' | 'some';
type Names = ReadonlySet<string>;

export interface Entry {
  readonly context: string;
  /** Variables that Asterisk sets. */
  readonly set: readonly string[];
}

export interface Flow {
  /** Absent: no way leads there. */
  readonly before: ReadonlyMap<Step, Names>;
  /** Returns where there may be nothing to return to. */
  readonly astray: readonly Step[];
}

/** Variables that applications leave (core show application …). */
export const LEFT: Readonly<Record<string, readonly string[]>> = {
  Dial: ['DIALSTATUS'],
  Gosub: ['GOSUB_RETVAL'],
  Playback: ['PLAYBACKSTATUS'],
  VoiceMail: ['VMSTATUS'],
};

const isOwn = (name: string): boolean => name.startsWith('LOCAL ') || /^ARG\d+$/.test(name);

/** The variables that a call sets: `NAME`, `_NAME` beside it where it is inherited, `LOCAL NAME`, `SHARED(NAME)`. */
export function sets({ name, args }: Call): string[] {
  const left = [...(LEFT[name] ?? [])];
  if (name !== 'Set') return left;
  const [target = ''] = split(args, '=', 2);
  const call = callOf(target);
  if (!call) {
    const plain = target.replace(/^_+/, '');
    return target === plain ? [plain] : [plain, target];
  }
  if (call.name === 'LOCAL') return [`LOCAL ${call.args}`];
  if (call.name === 'ARRAY') return split(call.args, ',');
  if (call.name === 'SHARED') return [`SHARED(${split(call.args, ',')[0]})`];
  return [];
}

/** The variables and functions that a call makes use of before it goes on; for ExecIf also what it runs. */
export function made(call: Call): ReturnType<typeof readsOf> {
  const inner = innerCalls(call);
  if (inner.length > 0) {
    const [condition = ''] = split(call.args, '?', 2);
    const parts = inner.map(({ call: one, truth }) => {
      const { reads, functions } = made(one);
      const given = haveValues(condition, truth);
      return { reads: reads.map(read => ({ ...read, given: union(read.given, given) })), functions };
    });
    return runAll([readsOf(condition), ...parts]);
  }
  if (call.name !== 'Set') return readsOf(call.args);
  const [target = '', value = ''] = split(call.args, '=', 2);
  const left = callOf(target);
  const own = left && ['LOCAL', 'ARRAY', 'GLOBAL'].includes(left.name);
  if (!left || own) return runAll([readsOf(target), readsOf(value), { reads: [], functions: left ? [left] : [] }]);
  return runAll([usesOf(target), readsOf(value)]);
}

function runAll(all: readonly ReturnType<typeof readsOf>[]): ReturnType<typeof readsOf> {
  return { reads: all.flatMap(({ reads }) => reads), functions: all.flatMap(({ functions }) => functions) };
}

export function follow(dialplan: Dialplan, entries: readonly Entry[], mode: Mode): Flow {
  return new Follower(dialplan, mode).from(entries);
}

class Follower {
  readonly #dialplan: Dialplan;
  readonly #meet: (one: Names, other: Names) => Names;
  readonly #mode: Mode;
  /** What a routine has set when it returns, by its first step; absent: it is not known to return. */
  readonly #routines = new Map<Step, Names>();

  constructor(dialplan: Dialplan, mode: Mode) {
    this.#dialplan = dialplan;
    this.#mode = mode;
    this.#meet = mode === 'every' ? intersection : union;
  }

  from(entries: readonly Entry[]): Flow {
    this.#know();
    const before = new Map<Step, Names>();
    const roots = new Set<Step>();
    const work: [Step, Names][] = entries.flatMap(({ context, set }) =>
      [...(this.#dialplan.contexts.get(context)?.values() ?? [])].flatMap(([first]): [Step, Names][] =>
        first ? [[first, new Set(set)]] : [],
      ),
    );
    for (const [step] of work) roots.add(step);
    for (let one = work.pop(); one; one = work.pop()) {
      const [step, names] = one;
      const known = before.get(step);
      const merged = known ? this.#meet(known, names) : names;
      if (known && merged.size === known.size) continue;
      before.set(step, merged);
      for (const { step: next, names: then, kind } of this.#on(step, merged)) {
        if (kind === 'begin') roots.add(next);
        work.push([next, then]);
      }
    }
    return { before, astray: this.#astray(roots) };
  }

  /** Looks at each routine alone until nothing more is learnt of any. */
  #know(): void {
    const first = new Set(
      stepsOf(this.#dialplan).flatMap(step =>
        wayOf(step)
          .targets.filter(({ kind }) => kind === 'call')
          .flatMap(target => found(this.#dialplan, step, target)),
      ),
    );
    for (let learnt = true; learnt; ) {
      learnt = false;
      for (const routine of first) {
        const after = this.#alone(routine);
        const known = this.#routines.get(routine);
        if (!after || (known && known.size === after.size)) continue;
        this.#routines.set(routine, after);
        learnt = true;
      }
    }
  }

  #alone(routine: Step): Names | undefined {
    const before = new Map<Step, Names>();
    const work: [Step, Names][] = [[routine, new Set()]];
    let after: Names | undefined;
    for (let one = work.pop(); one; one = work.pop()) {
      const [step, names] = one;
      const known = before.get(step);
      const merged = known ? this.#meet(known, names) : names;
      if (known && merged.size === known.size) continue;
      before.set(step, merged);
      for (const { step: next, names: then, kind } of this.#on(step, merged))
        if (kind === 'go') work.push([next, then]);
    }
    for (const [step, names] of before) {
      if (step.name !== 'Return') continue;
      const kept = new Set([...names].filter(name => !isOwn(name)));
      after = after ? this.#meet(after, kept) : kept;
    }
    return after;
  }

  /** Where a step leads to, with what is set there. */
  #on(step: Step, names: Names): { readonly step: Step; readonly names: Names; readonly kind: Target['kind'] }[] {
    const { targets, next } = wayOf(step);
    const on = targets.flatMap(target =>
      found(this.#dialplan, step, target).map(there => ({
        step: there,
        names: this.#there(target, this.#when(names, target.when)),
        kind: target.kind,
      })),
    );
    const following = this.#dialplan.contexts.get(step.context)?.get(step.extension)?.[step.place + 1];
    const after = next === 'never' ? undefined : this.#after(step, names, targets);
    if (!following || next === 'never' || !after) return on;
    return [...on, { step: following, names: next === 'always' ? after : this.#when(after, next), kind: 'go' }];
  }

  #when(names: Names, when: Target['when']): Names {
    return this.#mode === 'every' && when ? union(names, haveValues(when.condition, when.truth)) : names;
  }

  /** At the beginning of what a target leads to. */
  #there({ kind, args }: Target, names: Names): Names {
    if (kind === 'go') return names;
    const given = Array.from({ length: args }, (_, at) => `ARG${at + 1}`);
    if (kind === 'call' || kind === 'end') return new Set([...[...names].filter(name => !isOwn(name)), ...given]);
    const inherited = [...names].filter(name => name.startsWith('_'));
    return new Set([
      ...inherited.map(name => name.replace(/^_+/, '')),
      ...inherited.filter(name => name.startsWith('__')),
      ...given,
    ]);
  }

  /** Behind a step; `undefined`: its routine never returns. */
  #after(step: Step, names: Names, targets: readonly Target[]): Names | undefined {
    const inner = innerCalls(step);
    if (inner.length > 0) {
      if (this.#mode === 'every') return names;
      return inner.map(({ call }) => union(names, new Set(sets(call)))).reduce(union);
    }
    const here = union(names, new Set(sets(step)));
    const [call] = targets.filter(({ kind }) => kind === 'call');
    if (!call) return here;
    const routines = found(this.#dialplan, step, call);
    if (routines.length === 0) return here; // of data that this tenant has not
    const after = routines.flatMap(routine => this.#routines.get(routine) ?? []);
    return after.length === 0 ? undefined : union(here, after.reduce(this.#meet));
  }

  /** Returns that are reached from a beginning without a call. */
  #astray(roots: ReadonlySet<Step>): Step[] {
    const seen = new Set<Step>();
    const work = [...roots];
    for (let step = work.pop(); step; step = work.pop()) {
      if (seen.has(step)) continue;
      seen.add(step);
      for (const { step: next, kind } of this.#on(step, new Set())) if (kind === 'go') work.push(next);
    }
    return [...seen].filter(({ name }) => name === 'Return');
  }
}

export function said(step: Step, problem: string): string {
  return `${nameOf(step)}: ${problem}`;
}

import { sameOnes } from './memo.ts';

/** How a result is made of one member of a list. */
export interface Recipe<M, T> {
  /** What all results are made of, besides their members. */
  readonly inputs?: readonly unknown[];
  readonly make: (member: M, at: number) => T;
  /** Whether what was made of a member still holds. Without it: when the inputs are the same. */
  readonly holds?: (result: T, sameInputs: boolean, at: number) => boolean;
}

interface Last<M, T> {
  readonly inputs: readonly unknown[];
  readonly members: readonly M[];
  readonly results: readonly T[];
}

/**
 * Remembers what was made of each member of a list, as `Memo` does of a single object: one edit among thousands costs one
 * result and a walk over the list. Of each owner the last list is remembered, and no other.
 */
export class Each<O extends object, M, T extends object> {
  readonly #lasts = new WeakMap<O, Last<M, T>>();

  /** The results, in the order of the members; the very same list when all of them are the same as the last time. */
  of(owner: O, members: readonly M[], recipe: Recipe<M, T>): readonly T[] {
    const { inputs = [], make, holds = (_result, sameInputs) => sameInputs } = recipe;
    const last = this.#lasts.get(owner) ?? { inputs, members: [], results: [] };
    const sameInputs = sameOnes(last.inputs, inputs);
    let moved: ReadonlyMap<M, T> | undefined;
    let results: T[] | undefined;
    for (let at = 0; at < members.length; at++) {
      const member = members[at] as M;
      const stayed = at < last.members.length && last.members[at] === member;
      if (!stayed) moved ??= displaced(last, members);
      const before = stayed ? last.results[at] : moved?.get(member);
      const result = before !== undefined && holds(before, sameInputs, at) ? before : make(member, at);
      if (!results && result !== last.results[at]) results = last.results.slice(0, at);
      results?.push(result);
    }
    results ??= last.results.length === members.length ? undefined : last.results.slice(0, members.length);
    const now = { inputs, members, results: results ?? last.results };
    this.#lasts.set(owner, now);
    return now.results;
  }
}

/** What was made of those who do not stand where they stood: an insertion moves all that follow. */
function displaced<M, T>({ members, results }: Last<M, T>, now: readonly M[]): ReadonlyMap<M, T> {
  const map = new Map<M, T>();
  for (let at = 0; at < members.length; at++) {
    if (members[at] !== now[at]) map.set(members[at] as M, results[at] as T);
  }
  return map;
}

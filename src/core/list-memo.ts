import { sameOnes } from './memo.ts';

/** How a result is made of one member of a list. */
export interface Recipe<M, T> {
  /** The inputs that all results depend on, besides their members. */
  readonly inputs?: readonly unknown[];
  readonly make: (member: M, at: number) => T;
  /** Whether the earlier result of a member is still valid. By default: when `inputs` are the same. */
  readonly holds?: (result: T, sameInputs: boolean, at: number) => boolean;
}

interface Last<M, T> {
  readonly inputs: readonly unknown[];
  readonly members: readonly M[];
  readonly results: readonly T[];
}

/**
 * Memoizes a function over the members of a list, as `Memo` does for one object: after one edit among thousands, one result is
 * computed anew. For each owner only the results of the last list are kept.
 */
export class ListMemo<O extends object, M, T extends object> {
  readonly #lasts = new WeakMap<O, Last<M, T>>();

  /** The results in the order of the members; the identical array when no result changed since the last call. */
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

/** Earlier results of members that moved to another index: an insertion moves all that follow. */
function displaced<M, T>({ members, results }: Last<M, T>, now: readonly M[]): ReadonlyMap<M, T> {
  const map = new Map<M, T>();
  for (let at = 0; at < members.length; at++) {
    if (members[at] !== now[at]) map.set(members[at] as M, results[at] as T);
  }
  return map;
}

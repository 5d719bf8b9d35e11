/**
 * Remembers a result for as long as the objects that it was made of are the same ones. The compiler stays pure: caches
 * hand out the same object while nothing changed, so the same inputs give the same result, only sooner.
 */
export class Memo<K extends object, T> {
  readonly #known = new WeakMap<K, Known<T>>();

  /** What was made of `key` and the same `inputs` before, or what `make` makes of them now. */
  of(key: K, inputs: readonly unknown[], make: () => T): T {
    const known = this.#known.get(key);
    if (known && sameOnes(known.inputs, inputs)) return known.result;
    const result = make();
    this.#known.set(key, { inputs, result });
    return result;
  }
}

/** The same for several things of one owner, each by its name: the last result of each is remembered. */
export class Memos<K extends object, I, T> {
  readonly #known = new WeakMap<K, Map<string, Known<T, I>>>();
  readonly #same: (one: I, other: I) => boolean;

  constructor(same: (one: I, other: I) => boolean = Object.is) {
    this.#same = same;
  }

  /** `make` is given what the thing was before, from which it may take what did not change. */
  of(owner: K, name: string, inputs: readonly I[], make: (before: T | undefined) => T): T {
    const all = this.#known.get(owner) ?? new Map<string, Known<T, I>>();
    this.#known.set(owner, all);
    const known = all.get(name);
    const result = known && sameOnes(known.inputs, inputs, this.#same) ? known.result : make(known?.result);
    all.set(name, { inputs, result }); // the newest inputs, which are identical to the next ones if anything is
    return result;
  }
}

interface Known<T, I = unknown> {
  readonly inputs: readonly I[];
  readonly result: T;
}

/** Whether two lists have the same members in the same places; without `same`, objects by identity. */
export function sameOnes<I>(
  one: readonly I[],
  other: readonly I[],
  same: (one: I, other: I) => boolean = Object.is,
): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) {
    if (one[at] !== other[at] && !same(one[at] as I, other[at] as I)) return false;
  }
  return true;
}

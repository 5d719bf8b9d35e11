/**
 * Memoizes a result for as long as its inputs are identical objects. The caches hand out the identical object while nothing
 * changed, so the result is that of computing it again. Entries end with their keys (WeakMap).
 */
export class Memo<K extends object, T> {
  readonly #known = new WeakMap<K, Known<T>>();

  /** The earlier result for `key` when `inputs` are identical, else that of `make`. */
  of(key: K, inputs: readonly unknown[], make: () => T): T {
    const known = this.#known.get(key);
    if (known && sameOnes(known.inputs, inputs)) return known.result;
    const result = make();
    this.#known.set(key, { inputs, result });
    return result;
  }
}

/** The same for several results of one owner, each with a name. */
export class Memos<K extends object, I, T> {
  readonly #known = new WeakMap<K, Map<string, Known<T, I>>>();
  readonly #same: (one: I, other: I) => boolean;

  constructor(same: (one: I, other: I) => boolean = Object.is) {
    this.#same = same;
  }

  /** `make` gets the earlier result, of which it may keep what did not change. */
  of(owner: K, name: string, inputs: readonly I[], make: (before: T | undefined) => T): T {
    const all = this.#known.get(owner) ?? new Map<string, Known<T, I>>();
    this.#known.set(owner, all);
    const known = all.get(name);
    const result = known && sameOnes(known.inputs, inputs, this.#same) ? known.result : make(known?.result);
    all.set(name, { inputs, result }); // the newest inputs are the likeliest to be identical to the next ones
    return result;
  }
}

interface Known<T, I = unknown> {
  readonly inputs: readonly I[];
  readonly result: T;
}

/** Whether two lists have the same members in the same order; by identity unless `same` says otherwise. */
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

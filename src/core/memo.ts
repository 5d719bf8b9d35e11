/**
 * Remembers a result for as long as the objects that it was made of are the same ones. The compiler stays pure: caches
 * hand out the same object while nothing changed, so the same inputs give the same result, only sooner.
 */
export class Memo<K extends object, T> {
  readonly #known = new WeakMap<K, { readonly inputs: readonly unknown[]; readonly result: T }>();

  /** What was made of `key` and the same `inputs` before, or what `make` makes of them now. */
  of(key: K, inputs: readonly unknown[], make: () => T): T {
    const known = this.#known.get(key);
    if (
      known &&
      known.inputs.length === inputs.length &&
      known.inputs.every((input, at) => Object.is(input, inputs[at]))
    )
      return known.result;
    const result = make();
    this.#known.set(key, { inputs, result });
    return result;
  }
}

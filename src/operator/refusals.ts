/** What the API server did not take, by tenant: the next pass says so in the status of the Organization. */
export class Refusals {
  readonly #known = new Map<string, readonly string[]>();

  of(namespace: string): readonly string[] {
    return this.#known.get(namespace) ?? [];
  }

  /** True: it is not what it was. */
  note(namespace: string, words: readonly string[]): boolean {
    const now = words.toSorted();
    const same = now.join('\n') === this.of(namespace).join('\n');
    if (now.length > 0) this.#known.set(namespace, now);
    else this.#known.delete(namespace);
    return !same;
  }

  forget(namespace: string): void {
    this.#known.delete(namespace);
  }
}

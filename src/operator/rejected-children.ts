/**
 * What the API server did not take of a tenant in the last pass, in words: the next pass says so in the status of the
 * Organization. And when to try again what only people can put right: ever later, up to a cap.
 */
const FIRST_MS = 1_000;
const CAP_MS = 300_000;

export class RejectedChildren {
  #words: readonly string[] = [];
  #tries: { readonly count: number; readonly nextAt: number } | undefined;

  get words(): readonly string[] {
    return this.#words;
  }

  /** Takes in what a pass was refused. True: it is not what it was. */
  observe(words: readonly string[]): boolean {
    const now = words.toSorted();
    const changed = now.join('\n') !== this.#words.join('\n');
    this.#words = now;
    return changed;
  }

  /**
   * Milliseconds until the next try; undefined: nothing is refused. A pass that came for another reason is no reason to
   * wait longer. `now`: monotonic.
   */
  retryIn(now: number): number | undefined {
    if (this.#words.length === 0) {
      this.#tries = undefined;
      return undefined;
    }
    if (this.#tries && now < this.#tries.nextAt) return this.#tries.nextAt - now;
    const count = this.#tries ? this.#tries.count + 1 : 0;
    const wait = Math.min(FIRST_MS * 2 ** Math.min(count, 20), CAP_MS);
    this.#tries = { count, nextAt: now + wait };
    return wait;
  }
}

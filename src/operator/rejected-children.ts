/**
 * Child objects of a tenant that the API server rejected in the last pass, as messages for the status of the Organization, and
 * when to apply them again: with growing pauses up to a cap, since usually somebody has to change something first.
 */
const FIRST_MS = 1_000;
const CAP_MS = 300_000;

export class RejectedChildren {
  #messages: readonly string[] = [];
  #tries: { readonly count: number; readonly nextAt: number } | undefined;

  get messages(): readonly string[] {
    return this.#messages;
  }

  /** Takes in the messages of a pass; returns whether they changed. */
  observe(messages: readonly string[]): boolean {
    const now = messages.toSorted();
    const changed = now.join('\n') !== this.#messages.join('\n');
    this.#messages = now;
    return changed;
  }

  /**
   * Monotonic milliseconds until the next try; undefined: nothing was rejected. Passes that happen earlier for other reasons
   * do not make the pause longer.
   */
  retryIn(now: number): number | undefined {
    if (this.#messages.length === 0) {
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

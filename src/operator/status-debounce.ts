/**
 * Holds a tenant's statuses back while a bundle is on its way to the agent. A status that would only say so is not
 * written for a moment: the next one says that it arrived, and one write is enough. Until then `observedGeneration` says
 * that the status is an older one.
 */
const DEBOUNCE_MS = 2_000;

export class StatusDebounce {
  #since: number | undefined;

  /**
   * Milliseconds for which statuses may still wait; 0: say what is. `wanted` and `loaded` are generations of the bundle,
   * `now` is monotonic. Edit upon edit does not make it longer.
   */
  leftMs(wanted: string | undefined, loaded: string | undefined, now: number): number {
    if (wanted === undefined || wanted === loaded || loaded === undefined) {
      this.#since = undefined;
      return 0;
    }
    this.#since ??= now;
    return Math.max(0, this.#since + DEBOUNCE_MS - now);
  }
}

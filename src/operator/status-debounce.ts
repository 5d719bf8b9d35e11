/**
 * Delays a tenant's statuses while a bundle is on its way to the agent. Soon after, a status can say that it arrived, so one
 * write is enough instead of two. Until then `observedGeneration` shows that the status is an older one.
 */
const DEBOUNCE_MS = 2_000;

export class StatusDebounce {
  #since: number | undefined;

  /**
   * The remaining delay in milliseconds; 0: write now. `wanted` and `loaded` are generations of the bundle, `now` is
   * monotonic. Further edits do not make the delay longer.
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

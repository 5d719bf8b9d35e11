/**
 * Bundles that are on their way to an agent. A status that would only say so is not written for a moment: the next one
 * says that it arrived, and one write is enough. Until then `observedGeneration` says that the status is an older one.
 */
const PATIENCE_MS = 2_000;

export class Flights {
  readonly #since = new Map<string, number>();

  /** Milliseconds for which statuses may still wait; 0: say what is. Edit upon edit does not make it longer. */
  patience(namespace: string, wanted: string | undefined, loaded: string | undefined, now: number): number {
    if (wanted === undefined || wanted === loaded || loaded === undefined) {
      this.#since.delete(namespace);
      return 0;
    }
    const since = this.#since.get(namespace) ?? now;
    this.#since.set(namespace, since);
    return Math.max(0, since + PATIENCE_MS - now);
  }

  forget(namespace: string): void {
    this.#since.delete(namespace);
  }
}

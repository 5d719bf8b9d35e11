/**
 * Bundles that are on their way to an agent. A status that would only say so is not written for a moment: the next one
 * says that it arrived, and one write is enough. Until then `observedGeneration` says that the status is an older one.
 */
const PATIENCE_MS = 2_000;

export class Flights {
  readonly #flights = new Map<string, { generation: string; since: number }>();

  /** Milliseconds for which statuses may still wait; 0: say what is. `now` is monotonic milliseconds. */
  patience(namespace: string, wanted: string | undefined, loaded: string | undefined, now: number): number {
    if (wanted === undefined || wanted === loaded || loaded === undefined) {
      this.#flights.delete(namespace);
      return 0;
    }
    const known = this.#flights.get(namespace);
    if (known?.generation === wanted) return Math.max(0, known.since + PATIENCE_MS - now);
    this.#flights.set(namespace, { generation: wanted, since: now });
    return PATIENCE_MS;
  }

  forget(namespace: string): void {
    this.#flights.delete(namespace);
  }
}

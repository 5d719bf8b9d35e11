/**
 * How many statuses of a tenant may be written now: a burst, then a few a second. What is left over is written later,
 * as it is by then: a storm of registrations costs the API server a bounded number of writes.
 */
const BURST = 100;
const PER_SECOND = 10;

export class StatusBudget {
  readonly #left = new Map<string, { tokens: number; at: number }>();

  /** `now` is monotonic milliseconds. */
  take(namespace: string, wanted: number, now: number): number {
    const known = this.#left.get(namespace) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, known.tokens + ((now - known.at) * PER_SECOND) / 1000);
    const granted = Math.min(wanted, Math.floor(tokens));
    this.#left.set(namespace, { tokens: tokens - granted, at: now });
    return granted;
  }

  forget(namespace: string): void {
    this.#left.delete(namespace);
  }
}

/** When to try again what the server refused for a reason that only people can take away: ever later, up to a cap. */
const FIRST_MS = 1_000;
const CAP_MS = 300_000;

export class Retries {
  readonly #tries = new Map<string, { count: number; nextAt: number }>();

  /** Milliseconds until the next try. A pass that came for another reason is no reason to wait longer. `now`: monotonic. */
  next(namespace: string, now: number): number {
    const known = this.#tries.get(namespace);
    if (known && now < known.nextAt) return known.nextAt - now;
    const count = known ? known.count + 1 : 0;
    const wait = Math.min(FIRST_MS * 2 ** Math.min(count, 20), CAP_MS);
    this.#tries.set(namespace, { count, nextAt: now + wait });
    return wait;
  }

  forget(namespace: string): void {
    this.#tries.delete(namespace);
  }
}

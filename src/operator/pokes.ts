/**
 * When to touch a pod so that its kubelet looks at its volumes: at once for a new generation, then again and ever later,
 * since a poke can lose the race with the kubelet's own cache. Times are monotonic milliseconds of the caller's clock.
 */
const FIRST_MS = 700;
const CAP_MS = 30_000;

interface Poke {
  readonly generation: string;
  readonly pod: string;
  readonly count: number;
  readonly nextAt: number;
}

export class Pokes {
  readonly #pokes = new Map<string, Poke>();

  /** The annotation's value when a poke is due now, else after how many milliseconds one is. */
  next(namespace: string, pod: string, generation: string, now: number): { value: string } | { afterMs: number } {
    const known = this.#pokes.get(namespace);
    const same = known?.generation === generation && known.pod === pod ? known : undefined;
    if (same && now < same.nextAt) return { afterMs: same.nextAt - now };
    const count = same ? same.count + 1 : 0;
    const nextAt = now + Math.min(FIRST_MS * 2 ** Math.min(count, 10), CAP_MS);
    this.#pokes.set(namespace, { generation, pod, count, nextAt });
    return { value: `${generation}-${count}` };
  }

  /** The agent has it, or there is nobody to poke. */
  forget(namespace: string): void {
    this.#pokes.delete(namespace);
  }
}

/**
 * When to touch a tenant's pod so that its kubelet looks at its volumes: at once for a new generation, then again and
 * ever later, since a poke can lose the race with the kubelet's own cache. Times are monotonic milliseconds.
 */
const FIRST_MS = 700;
const CAP_MS = 30_000;

interface Nudge {
  readonly generation: string;
  readonly pod: string;
  readonly count: number;
  readonly nextAt: number;
}

export class KubeletNudges {
  #last: Nudge | undefined;

  /** The annotation's value when a poke is due now, else after how many milliseconds one is. */
  next(pod: string, generation: string, now: number): { value: string } | { afterMs: number } {
    const same = this.#last?.generation === generation && this.#last.pod === pod ? this.#last : undefined;
    if (same && now < same.nextAt) return { afterMs: same.nextAt - now };
    const count = same ? same.count + 1 : 0;
    const nextAt = now + Math.min(FIRST_MS * 2 ** Math.min(count, 10), CAP_MS);
    this.#last = { generation, pod, count, nextAt };
    return { value: `${generation}-${count}` };
  }

  /** The agent has it, or there is nobody to poke. */
  reset(): void {
    this.#last = undefined;
  }
}

/**
 * When to annotate a tenant's pod, so that its kubelet updates the volumes (a nudge): at once for a new generation of the
 * bundle, then again with growing pauses, because the kubelet may still have the older ConfigMap in its cache. Times are
 * monotonic milliseconds.
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

  /** The value of the annotation when a nudge is due now, else the milliseconds until one is. */
  next(pod: string, generation: string, now: number): { value: string } | { afterMs: number } {
    const same = this.#last?.generation === generation && this.#last.pod === pod ? this.#last : undefined;
    if (same && now < same.nextAt) return { afterMs: same.nextAt - now };
    const count = same ? same.count + 1 : 0;
    const nextAt = now + Math.min(FIRST_MS * 2 ** Math.min(count, 10), CAP_MS);
    this.#last = { generation, pod, count, nextAt };
    return { value: `${generation}-${count}` };
  }

  /** To be called when the agent has the bundle, or there is no pod. */
  reset(): void {
    this.#last = undefined;
  }
}

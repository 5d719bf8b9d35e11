/**
 * Tracks for how long a tenant's PBX has had no channel: after some minutes its pod may be evicted. Times are monotonic
 * milliseconds. Until the agent reports to a new leader, the PodDisruptionBudget says what the former one knew.
 */
const IDLE_MS = 180_000;

export class IdleTracker {
  #since: number | undefined;

  /** Takes in the number of channels (undefined: not known) and what the budget says; returns whether the PBX is idle. */
  observe(channels: number | undefined, wasIdle: boolean, now: number): boolean {
    if (channels === undefined) return wasIdle;
    if (channels > 0) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= wasIdle ? now - IDLE_MS : now;
    return now - this.#since >= IDLE_MS;
  }

  /** Milliseconds until it becomes idle if no call comes; undefined: it is, or is not known to be without calls. */
  idleIn(now: number): number | undefined {
    if (this.#since === undefined || now - this.#since >= IDLE_MS) return undefined;
    return this.#since + IDLE_MS - now;
  }
}

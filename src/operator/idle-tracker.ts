/**
 * For how long a tenant's PBX has had no channel: after some quiet minutes its pod may be evicted. Monotonic
 * milliseconds. What an operator before us found out stands in the disruption budget; nothing is known better until an
 * agent reports.
 */
const IDLE_MS = 180_000;

export class IdleTracker {
  #since: number | undefined;

  /** Takes the number of channels in (undefined: not known now); returns whether the PBX is quiet. */
  observe(channels: number | undefined, wasIdle: boolean, now: number): boolean {
    if (channels === undefined) return wasIdle;
    if (channels > 0) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= wasIdle ? now - IDLE_MS : now;
    return now - this.#since >= IDLE_MS;
  }

  /** Milliseconds until it is quiet if nothing happens; undefined: it is already, or it is not known. */
  idleIn(now: number): number | undefined {
    if (this.#since === undefined || now - this.#since >= IDLE_MS) return undefined;
    return this.#since + IDLE_MS - now;
  }
}

/**
 * For how long a PBX has had no channel: after some quiet minutes its pod may be evicted. Monotonic milliseconds. What
 * an operator before us found out stands in the disruption budget; nothing is known better until an agent reports.
 */
const QUIET_MS = 180_000;

export class Quietness {
  readonly #since = new Map<string, number>();

  /** Takes the number of channels in (undefined: not known now); returns whether the PBX is quiet. */
  note(namespace: string, channels: number | undefined, wasQuiet: boolean, now: number): boolean {
    if (channels === undefined) return wasQuiet;
    if (channels > 0) {
      this.#since.delete(namespace);
      return false;
    }
    const since = this.#since.get(namespace) ?? (wasQuiet ? now - QUIET_MS : now);
    this.#since.set(namespace, since);
    return now - since >= QUIET_MS;
  }

  /** Milliseconds until it is quiet if nothing happens; undefined: it is already, or it is not known. */
  quietIn(namespace: string, now: number): number | undefined {
    const since = this.#since.get(namespace);
    if (since === undefined || now - since >= QUIET_MS) return undefined;
    return since + QUIET_MS - now;
  }

  forget(namespace: string): void {
    this.#since.delete(namespace);
  }
}

/** When something is to be tried again: after a pause that doubles each time. Pure; times are milliseconds of any clock. */
export interface Pauses {
  readonly firstMs: number;
  readonly mostMs: number;
}

export class Backoff {
  readonly #pauses: Pauses;
  #what: string | undefined;
  #times = 0;
  #at = 0;

  constructor(pauses: Pauses) {
    this.#pauses = pauses;
  }

  /** How many times in a row `what` was postponed. */
  times(what: string): number {
    return this.#what === what ? this.#times : 0;
  }

  /** Postpones it. Only one thing is kept: whatever was postponed before is forgotten. */
  later(what: string, nowMs: number): number {
    const times = this.times(what) + 1;
    const { firstMs, mostMs } = this.#pauses;
    this.#what = what;
    this.#times = times;
    this.#at = nowMs + Math.min(firstMs * 2 ** Math.min(times - 1, 30), mostMs);
    return times;
  }

  forget(): void {
    this.#what = undefined;
  }

  /** The rest of its pause in milliseconds; 0 if it was not postponed. */
  leftMs(what: string, nowMs: number): number {
    return this.#what === what ? Math.max(0, this.#at - nowMs) : 0;
  }
}

/** When something is tried again: after a pause that doubles each time. Pure; milliseconds of any clock. */
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

  /** How often in a row `what` was put off. */
  times(what: string): number {
    return this.#what === what ? this.#times : 0;
  }

  /** Puts it off. Anything else that was put off is forgotten. */
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

  /** For how long it has still to wait; 0 for what was not put off. */
  leftMs(what: string, nowMs: number): number {
    return this.#what === what ? Math.max(0, this.#at - nowMs) : 0;
  }
}

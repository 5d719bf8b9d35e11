import type { StatusWrite } from '../core/plan.ts';

/**
 * A token bucket for the statuses of a tenant: a burst, then some a second. Other statuses are written later, as they are by
 * then, so that a burst of registrations costs the API server a bounded number of writes. Users take turns.
 */
const BURST = 200;
const PER_SECOND = 50;

export class StatusBudget {
  #tokens = BURST;
  /** Time of the last refill; undefined: the bucket is full. */
  #at: number | undefined;
  /** Name of the last user whose status was written. */
  #last = '';

  /** Statuses that may be written at `now` (monotonic milliseconds). Each one that is drawn costs a token. */
  *grant(wanted: readonly StatusWrite[], now: number): Generator<StatusWrite> {
    this.#tokens = Math.min(BURST, this.#tokens + ((now - (this.#at ?? now)) * PER_SECOND) / 1000);
    this.#at = now;
    for (const write of inTurn(wanted, this.#last)) {
      if (this.#tokens < 1) return;
      this.#tokens--;
      if (write.kind === 'SipUser') this.#last = write.name;
      yield write;
    }
  }
}

function inTurn(wanted: readonly StatusWrite[], last: string): readonly StatusWrite[] {
  const { next = [], again = [] } = Object.groupBy(wanted, ({ name }) => (name > last ? 'next' : 'again'));
  return [...next, ...again];
}

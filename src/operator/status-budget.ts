import type { StatusWrite } from '../core/plan.ts';

/**
 * How many statuses of a tenant may be written now: a burst, then a few a second. What is left over is written later,
 * as it is by then: a storm of registrations costs the API server a bounded number of writes. Nobody waits for ever.
 */
const BURST = 200;
const PER_SECOND = 50;

export class StatusBudget {
  #tokens = BURST;
  /** Up to when it was refilled; undefined: it is full. */
  #at: number | undefined;
  /** Name of the last user whose turn it was. */
  #last = '';

  /** Those that may be written at `now` (monotonic milliseconds); only what is drawn is spent. */
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

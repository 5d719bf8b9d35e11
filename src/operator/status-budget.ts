import type { StatusWrite } from '../core/plan.ts';

/**
 * How many statuses of a tenant may be written now: a burst, then a few a second. What is left over is written later,
 * as it is by then: a storm of registrations costs the API server a bounded number of writes. Nobody waits for ever.
 */
const BURST = 200;
const PER_SECOND = 50;

interface Account {
  tokens: number;
  at: number;
  /** Name of the last user who got her turn. */
  last: string;
}

export class StatusBudget {
  readonly #accounts = new Map<string, Account>();

  /** Those that may be written at `now` (monotonic milliseconds); only what is drawn is spent. */
  *grant(namespace: string, wanted: readonly StatusWrite[], now: number): Generator<StatusWrite> {
    const known = this.#accounts.get(namespace) ?? { tokens: BURST, at: now, last: '' };
    const account = {
      ...known,
      tokens: Math.min(BURST, known.tokens + ((now - known.at) * PER_SECOND) / 1000),
      at: now,
    };
    this.#accounts.set(namespace, account);
    for (const write of inTurn(wanted, account.last)) {
      if (account.tokens < 1) return;
      account.tokens--;
      if (write.kind === 'SipUser') account.last = write.name;
      yield write;
    }
  }

  forget(namespace: string): void {
    this.#accounts.delete(namespace);
  }
}

function inTurn(wanted: readonly StatusWrite[], last: string): readonly StatusWrite[] {
  const { next = [], again = [] } = Object.groupBy(wanted, ({ name }) => (name > last ? 'next' : 'again'));
  return [...next, ...again];
}

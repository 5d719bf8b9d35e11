import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../test/fake-clock.ts';
import type { Clock } from './clock.ts';
import { Elector, type LeaseClient, type LeaseRecord, type Outcome } from './elector.ts';
import { createLogger } from './log.ts';

const log = createLogger('test', 'silent');

/** The server's side: one record, guarded by its version. */
class Lease {
  record: LeaseRecord | undefined;
  #version = 0;

  take(holder: string, over: LeaseRecord | undefined): boolean {
    if (this.record?.version !== over?.version) return false;
    this.#version++;
    this.record = { holder, version: String(this.#version) };
    return true;
  }
}

/** A way to it that answers after `delay()` milliseconds of true time, or not at all when that is undefined. */
class Way implements LeaseClient {
  readonly #lease: Lease;
  readonly #clock: Clock;
  readonly #delay: () => number | undefined;

  constructor(lease: Lease, clock: Clock, delay: () => number | undefined = () => 0) {
    this.#lease = lease;
    this.#clock = clock;
    this.#delay = delay;
  }

  async read(): Promise<LeaseRecord | undefined> {
    await this.#travel();
    return this.#lease.record;
  }

  async take(holder: string, over: LeaseRecord | undefined): Promise<boolean> {
    await this.#travel();
    const taken = this.#lease.take(holder, over);
    await this.#travel();
    return taken;
  }

  async release(holder: string): Promise<void> {
    const { record } = this.#lease;
    if (record?.holder === holder) this.#lease.take('', record);
  }

  async #travel(): Promise<void> {
    const ms = this.#delay();
    if (ms === undefined) throw new Error('Unreachable');
    if (ms > 0) await this.#clock.sleep(ms);
  }
}

interface Candidate {
  readonly name: string;
  leading: boolean;
  outcome: Outcome | undefined;
  readonly stop: AbortController;
}

let clock: FakeClock;
let lease: Lease;
let leaders: number;
let most: number;

beforeEach(() => {
  clock = new FakeClock({ turns: 4 });
  lease = new Lease();
  leaders = 0;
  most = 0;
});

function candidate(
  name: string,
  { way = new Way(lease, clock), own = clock as Clock, endsAfterMs = 0 } = {},
): Candidate {
  const self: Candidate = { name, leading: false, outcome: undefined, stop: new AbortController() };
  const lead = async (signal: AbortSignal): Promise<void> => {
    self.leading = true;
    leaders++;
    most = Math.max(most, leaders);
    await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
    if (endsAfterMs > 0) await clock.sleep(endsAfterMs);
    leaders--;
    self.leading = false;
  };
  const run = async (): Promise<void> => {
    while (!self.stop.signal.aborted) self.outcome = await new Elector(way, name, own, log).run(lead, self.stop.signal);
  };
  run().catch(() => undefined); // stopped while it waited
  return self;
}

describe('a standby leads', () => {
  it('at once when the leader is stopped and has released', async () => {
    const first = candidate('first');
    await settle(4);
    const second = candidate('second');
    await clock.advance(60_000);
    const before = second.leading;
    first.stop.abort();
    await clock.advance(2_500);

    expect([before, first.outcome, second.leading]).toEqual([false, 'ended', true]);
  });

  it('not before the leader has ended what it was at', async () => {
    const first = candidate('first', { endsAfterMs: 40_000 });
    await settle(4);
    const second = candidate('second');
    first.stop.abort();
    await clock.advance(39_000);
    const during = second.leading;
    await clock.advance(4_000);

    expect([during, second.leading, most]).toEqual([false, true, 1]);
  });

  it('within 20 s when the leader is killed', async () => {
    lease.take('killed', undefined);
    const second = candidate('second');
    await clock.advance(20_000);

    expect(second.leading).toBe(true);
  });

  it('not while the leader renews, however wrong its wall clock', async () => {
    candidate('first');
    await settle(4);
    const second = candidate('second');
    for (let i = 0; i < 30; i++) {
      clock.jump(i % 2 === 0 ? 3_600_000 : -3_600_000);
      await clock.advance(7_000);
    }

    expect(second.leading).toBe(false);
  });
});

describe('a leader', () => {
  it('stops in time when the server does not answer any more', async () => {
    let reachable = true;
    const first = candidate('first', { way: new Way(lease, clock, () => (reachable ? 0 : 3_600_000)) });
    await clock.advance(5_000);
    reachable = false;
    await clock.advance(10_500);

    expect([first.leading, first.outcome]).toEqual([false, 'lost']);
  });

  it('survives an outage that is shorter', async () => {
    let reachable = true;
    const first = candidate('first', { way: new Way(lease, clock, () => (reachable ? 0 : undefined)) });
    await clock.advance(4_100);
    reachable = false;
    await clock.advance(7_000);
    reachable = true;
    await clock.advance(60_000);

    expect([first.leading, first.outcome]).toEqual([true, undefined]);
  });

  it('stops when the lease was stolen', async () => {
    const first = candidate('first');
    await settle(4);
    lease.take('thief', lease.record);
    await clock.advance(10_500);

    expect(first.leading).toBe(false);
  });
});

/** Time as a process has it whose clock runs fast or slow. */
class Skewed implements Clock {
  readonly #rate: number;
  readonly #offset: number;

  constructor(rate: number, offset: number) {
    this.#rate = rate;
    this.#offset = offset;
  }

  now(): number {
    return clock.now() * this.#rate + this.#offset;
  }

  monotonic(): number {
    return clock.monotonic() * this.#rate + this.#offset;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return clock.sleep(ms / this.#rate, signal);
  }
}

interface Phase {
  readonly forMs: number;
  /** Undefined: unreachable. */
  readonly delay: number | undefined;
}

/** What the way is like now: the phases follow each other, over and over. */
function delayNow(phases: readonly Phase[]): number | undefined {
  const round = phases.reduce((sum, { forMs }) => sum + forMs, 0);
  let left = clock.monotonic() % round;
  for (const { forMs, delay } of phases) {
    if (left < forMs) return delay;
    left -= forMs;
  }
  return 0;
}

it('never leads beside another, with skewed clocks, slow answers and outages', async () => {
  const phase = fc.record({
    forMs: fc.integer({ min: 1_000, max: 30_000 }),
    delay: fc.oneof(fc.constant(0), fc.constant(undefined), fc.integer({ min: 1, max: 14_000 })),
  });
  const process = fc.record({
    rate: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
    offset: fc.integer({ min: 0, max: 10_000_000 }),
    phases: fc.array(phase, { minLength: 1, maxLength: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(process, { minLength: 2, maxLength: 3 }), async processes => {
      clock = new FakeClock({ turns: 4 });
      lease = new Lease();
      leaders = 0;
      most = 0;
      const all = processes.map(({ rate, offset, phases }, i) => {
        const way = new Way(lease, clock, () => delayNow(phases));
        return candidate(`process-${i}`, { way, own: new Skewed(rate, offset) });
      });
      await clock.advance(240_000);
      for (const { stop } of all) stop.abort();
      await clock.advance(60_000);

      expect(most).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});

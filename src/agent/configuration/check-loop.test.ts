import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { SILENT } from '../../../test/scripted-asterisk.ts';
import { CheckLoop } from './check-loop.ts';

let stop = new AbortController();
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort(new Error('The test is over')));

/** Seconds at which a restart check was made; it succeeds from a second on. */
async function checks(succeedsAfter: number, ringAt: readonly number[], seconds: number): Promise<number[]> {
  const clock = new FakeClock({ turns: 3 });
  const checked: number[] = [];
  let settled = true;
  const now = (): number => Math.round(clock.monotonic() / 1000);
  const check = async (): Promise<boolean> => {
    checked.push(now());
    settled = now() >= succeedsAfter;
    return false;
  };
  const configuration = {
    get settled(): boolean {
      return settled;
    },
    check,
    retryRejected: async () => false,
  };
  const nothing = (): void => undefined;
  const loop = new CheckLoop({
    configuration,
    lastCheckMs: () => 0,
    again: nothing,
    changed: nothing,
    clock,
    log: SILENT,
  });
  void loop.run(stop.signal).catch(() => undefined);
  for (let second = 0; second < seconds; second++) {
    if (ringAt.includes(second)) {
      settled = false;
      loop.notify();
    }
    await clock.advance(1_000);
  }
  return checked;
}

it('checks once after a burst of changes', async () => {
  expect(await checks(0, [10, 11, 12], 300)).toEqual([14]);
});

it('checks what did not succeed again, ever less often', async () => {
  const times = await checks(Number.POSITIVE_INFINITY, [0], 400);
  const pauses = times.slice(1).map((time, at) => time - (times[at] ?? 0));

  expect(pauses.length).toBeGreaterThan(3);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(pauses.at(-1)).toBeGreaterThan(60);
});

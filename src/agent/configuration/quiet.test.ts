import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { Notifier } from '../../runtime/notifier.ts';
import { quiet } from './quiet.ts';

/** How long is waited for, when something rings every so often. */
async function waited(lastCheckMs: number, ringsEveryMs = Number.POSITIVE_INFINITY, rings = 0): Promise<number> {
  const clock = new FakeClock({ turns: 3 });
  const notifier = new Notifier();
  let end: number | undefined;
  const began = clock.monotonic();
  void quiet(notifier, lastCheckMs, clock, new AbortController().signal).then(() => {
    end = clock.monotonic();
  });
  for (let ring = 0; ring < rings && end === undefined; ring++) {
    await clock.advance(ringsEveryMs);
    notifier.notify();
  }
  while (end === undefined) await clock.advance(100);
  return end - began;
}

describe('the quiet before a restart check', () => {
  it('is for a moment after the last edit', async () => {
    expect(await waited(400)).toBe(1_500);
    expect(await waited(400, 1_000, 3)).toBe(4_500);
  });

  it('is longer where a check is costly, within bounds', async () => {
    expect(await waited(2_500)).toBe(5_000);
    expect(await waited(60_000)).toBe(15_000);
  });

  it('is not for ever while edits go on', async () => {
    expect(await waited(2_500, 3_000, 100)).toBe(60_000);
  });

  it('ends with its signal', async () => {
    const stop = new AbortController();
    const waiting = quiet(new Notifier(), 0, new FakeClock({ turns: 3 }), stop.signal);
    stop.abort(new Error('over'));

    await expect(waiting).rejects.toThrow('over');
  });
});

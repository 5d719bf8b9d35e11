import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { FakePbx } from '../../../test/fake-pbx.ts';
import { SILENT } from '../../../test/scripted-asterisk.ts';
import { Drainer } from './drainer.ts';
import { type Means, perform } from './operations.ts';

const { signal } = new AbortController();

function means(): Means & { readonly pbx: FakePbx; readonly clock: FakeClock } {
  const [pbx, clock] = [new FakePbx(), new FakeClock()];
  const drainer = new Drainer({ agent: pbx, refuseMs: 120_000, clock, log: SILENT });
  return { drainer, drainDeadlineMs: 40_000, log: SILENT, pbx, clock };
}

it.each([
  ['after the deadline that it names', 20, 15_000, 10_000],
  ['after the one that the agent was started with, when it names none', undefined, 35_000, 10_000],
])('a drain is accepted at once and refuses calls %s', async (_when, deadlineSeconds, before, more) => {
  const { pbx, clock, ...rest } = means();
  pbx.channels = 2;
  const operation = { verb: 'drain', ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }) } as const;

  expect(await perform(operation, rest, signal)).toBe(202);
  expect(pbx.draining).toBe(true);
  await clock.advance(before);
  expect(pbx.gate).toBe(false);
  await clock.advance(more);
  expect(pbx.gate).toBe(true);
});

it('an undrain answers when the PBX is in service again', async () => {
  const { pbx, clock, ...rest } = means();
  pbx.channels = 2;
  await perform({ verb: 'drain', deadlineSeconds: 0 }, rest, signal);
  await clock.advance(1_000);
  expect([pbx.draining, pbx.gate]).toEqual([true, true]);

  expect(await perform({ verb: 'undrain' }, rest, signal)).toBe(200);
  expect([pbx.draining, pbx.gate]).toEqual([false, false]);
});

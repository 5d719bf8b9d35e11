import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { ReadinessWatch } from './readiness.ts';

function watched() {
  const clock = new FakeClock({ turns: 5 });
  const stop = new AbortController();
  const world = { code: undefined as number | undefined, asked: 0, told: [] as boolean[] };
  const ask = async (): Promise<number | undefined> => {
    world.asked++;
    return world.code;
  };
  const watch = new ReadinessWatch({ ask, changed: isReady => world.told.push(isReady), clock });
  const ended = watch.run(stop.signal).catch(() => undefined);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { clock, world, watch, end };
}

test.each([
  [200, [true]],
  [401, [true]], // it wants a password, and so it serves
  [503, []],
  [undefined, []],
])('an answer of %s', async (code, told) => {
  const { clock, world, end } = watched();
  world.code = code;
  await clock.advance(10_000);
  expect(world.told).toEqual(told);
  await end();
});

test('asks every 100 ms until it serves, and every 3 seconds from then on', async () => {
  const { clock, world, end } = watched();
  await clock.advance(1_000);
  expect(world.asked).toBe(11);
  world.code = 200;
  await clock.advance(100);
  world.asked = 0;
  await clock.advance(30_000);
  expect(world.asked).toBe(10);
  await end();
});

test('asks at once when something has happened to Asterisk, and says that it does not serve any more', async () => {
  const { clock, world, watch, end } = watched();
  world.code = 200;
  await clock.advance(200);
  world.code = undefined;
  watch.askAtOnce();
  await clock.advance(0);
  expect(world.told).toEqual([true, false]);
  await end();
});

test('sees without a hint, within three seconds, that it does not serve any more, and that it does again', async () => {
  const { clock, world, end } = watched();
  world.code = 200;
  await clock.advance(200);
  world.code = 503;
  await clock.advance(3_000);
  world.code = 200;
  await clock.advance(100);
  expect(world.told).toEqual([true, false, true]);
  await end();
});

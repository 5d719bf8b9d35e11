import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../test/fake-clock.ts';
import { WorkQueue } from './queue.ts';

let clock: FakeClock;
let queue: WorkQueue;
const { signal } = new AbortController();

beforeEach(() => {
  clock = new FakeClock({ turns: 4 });
  queue = new WorkQueue(clock, { random: () => 1 });
});

/** Everything that is ready, in order, each done at once. */
async function takeAll(): Promise<string[]> {
  const taken: string[] = [];
  const stop = new AbortController();
  const loop = (async () => {
    for (;;) {
      const key = await queue.take(stop.signal);
      taken.push(key);
      queue.done(key);
    }
  })().catch(() => undefined);
  await settle(4);
  stop.abort();
  await loop;
  return taken;
}

describe('what is ready', () => {
  it.each<[string, () => void, string[]]>([
    ['comes once however often it is added', () => ['a', 'b', 'a'].map(key => queue.add(key)), ['a', 'b']],
    ['goes before what can wait', () => [queue.add('bulk', 'low'), queue.add('edit')], ['edit', 'bulk']],
    [
      'rises when somebody waits for it',
      () => [queue.add('a', 'low'), queue.add('b', 'low'), queue.add('b', 'high')],
      ['b', 'a'],
    ],
    ['never sinks', () => [queue.add('a', 'low'), queue.add('b'), queue.add('b', 'low')], ['b', 'a']],
    ['is not what comes later', () => [queue.addAfter('later', 1), queue.add('now')], ['now']],
    ['is what came later and is wanted now', () => [queue.addAfter('a', 1000), queue.add('a')], ['a']],
  ])('%s', async (_, add, expected) => {
    add();

    expect(await takeAll()).toEqual(expected);
  });

  it('lets what can wait have a turn among many that cannot', async () => {
    queue.add('bulk', 'low');
    for (let i = 0; i < 20; i++) queue.add(`edit-${i}`);

    expect((await takeAll()).indexOf('bulk')).toBe(8);
  });
});

it('gives a key to one worker at a time, and again when it was added meanwhile', async () => {
  queue.add('a');
  const first = await queue.take(signal);
  queue.add('a', 'low');
  queue.add('a');
  const during = await takeAll();
  queue.done(first);

  expect(during).toEqual([]);
  expect(await takeAll()).toEqual(['a']);
});

it('takes the earliest of several times', async () => {
  queue.addAfter('a', 5_000);
  queue.addAfter('a', 1_000);
  queue.addAfter('a', 9_000);
  const taken = queue.take(signal);
  await clock.advance(1_000);

  expect(await taken).toBe('a');
  expect(queue.depth).toBe(0);
});

it('comes again ever later after failures, up to a cap, and soon after it was forgotten', async () => {
  const waits: number[] = [];
  for (let i = 0; i < 16; i++) {
    queue.addRateLimited('a');
    const began = clock.monotonic();
    const taken = queue.take(signal);
    while (queue.working === 0) await clock.advanceToNext();
    waits.push(clock.monotonic() - began);
    queue.done(await taken);
  }
  queue.forget('a');

  expect(waits.slice(0, 4)).toEqual([50, 100, 200, 400]);
  expect(waits.slice(-2)).toEqual([300_000, 300_000]);
  expect(queue.failures('a')).toBe(0);
});

it('hands out nothing while it drains, and says when all is done', async () => {
  queue.add('a');
  queue.add('b');
  const key = await queue.take(signal);
  let drained = false;
  const draining = queue.drain().then(() => {
    drained = true;
  });
  await settle(4);
  const before = drained;
  queue.done(key);
  await draining;

  expect(before).toBe(false);
  await expect(queue.take(signal)).rejects.toThrow('closed');
});

it('ends a worker that waits when the signal is aborted', async () => {
  const stop = new AbortController();
  const taken = queue.take(stop.signal);
  stop.abort(new Error('Stopped'));

  await expect(taken).rejects.toThrow('Stopped');
  expect(clock.sleepers).toBe(0);
});

it('loses no key and never works on one twice at a time, whatever comes in whatever order', async () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key, priority: fc.constantFrom('high' as const, 'low' as const) }),
    fc.record({ do: fc.constant('later' as const), key, ms: fc.integer({ min: 0, max: 3_000 }) }),
    fc.record({ do: fc.constant('fail' as const), key }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 1_000 }) }),
    fc.record({ do: fc.constant('finish' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      const model = new Model();
      await model.run(steps);

      expect(model.twice).toBe(false);
      expect([...model.unseen]).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

type Step =
  | { do: 'add'; key: string; priority: 'high' | 'low' }
  | { do: 'later'; key: string; ms: number }
  | { do: 'fail'; key: string }
  | { do: 'wait'; ms: number }
  | { do: 'finish' };

/** Two workers that end with their signal; a key is unseen from when it is added until a worker begins with it. */
class Model {
  readonly unseen = new Set<string>();
  twice = false;
  readonly #clock = new FakeClock({ turns: 4 });
  readonly #queue = new WorkQueue(this.#clock, { random: () => 0.5 });
  readonly #working: string[] = [];

  async run(steps: readonly Step[]): Promise<void> {
    const stop = new AbortController();
    const workers = [this.#work(stop.signal), this.#work(stop.signal)];
    for (const step of steps) await this.#step(step);
    for (let i = 0; i < 100 && (this.unseen.size > 0 || this.#working.length > 0); i++) {
      this.#finish();
      await this.#clock.advance(4_000);
    }
    stop.abort();
    await Promise.all(workers);
  }

  async #step(step: Step): Promise<void> {
    if (step.do === 'wait') await this.#clock.advance(step.ms);
    else if (step.do === 'finish') this.#finish();
    else {
      this.unseen.add(step.key);
      if (step.do === 'add') this.#queue.add(step.key, step.priority);
      else if (step.do === 'later') this.#queue.addAfter(step.key, step.ms);
      else this.#queue.addRateLimited(step.key);
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const key = await this.#queue.take(signal);
        this.twice ||= this.#working.includes(key);
        this.#working.push(key);
        this.unseen.delete(key);
        await this.#clock.sleep(1, signal);
      }
    } catch {
      // stopped
    }
  }

  #finish(): void {
    for (const key of this.#working.splice(0)) this.#queue.done(key);
  }
}

import { expect, it } from 'vitest';
import { runAll } from './concurrency.ts';

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));

it('throws what one failed with, once the others have ended too', async () => {
  const said: string[] = [];
  const loops = [
    async (signal: AbortSignal) => {
      await ended(signal);
      await Promise.resolve();
      said.push('ended');
    },
    async () => {
      throw new Error('failed');
    },
  ];

  await expect(runAll(new AbortController().signal, loops)).rejects.toThrow('failed');
  expect(said).toEqual(['ended']);
});

it('waits for what is still at work when the signal ends the first', async () => {
  const stop = new AbortController();
  const said: string[] = [];
  const working = Promise.withResolvers<void>();
  const loops = [
    async (signal: AbortSignal) => {
      await ended(signal);
      signal.throwIfAborted();
    },
    async () => {
      await working.promise;
      said.push('done');
    },
  ];
  const all = runAll(stop.signal, loops).catch(() => said.push('returned'));

  stop.abort();
  await new Promise(resolve => setImmediate(resolve));
  working.resolve();
  await all;
  expect(said).toEqual(['done', 'returned']);
});

import { expect, it } from 'vitest';
import type { AmiClient } from '../ami/client.ts';
import { EngineProbe } from './engine.ts';

/** Answers with each of these in turn. */
function asterisk(...values: string[]): AmiClient {
  return { action: async () => ({ Value: values.shift() ?? '' }) } as unknown as AmiClient;
}

it('is that which Asterisk started with, whatever is loaded later', async () => {
  const probe = new EngineProbe();
  const running = asterisk('3', '4');

  expect(await probe.look(running)).toEqual({ engine: { version: 3 } });
  expect(await probe.look(running)).toEqual({ engine: { version: 3 } });
  expect(await probe.look(asterisk('4'))).toEqual({ engine: { version: 4 } }); // another Asterisk
});

it('is asked for again as long as Asterisk does not say', async () => {
  const probe = new EngineProbe();
  const starting = asterisk('', 'x', '3');

  expect(await probe.look(starting)).toEqual({});
  expect(await probe.look(starting)).toEqual({});
  expect(await probe.look(starting)).toEqual({ engine: { version: 3 } });
});

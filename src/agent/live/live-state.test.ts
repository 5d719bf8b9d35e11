import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { SILENT } from '../../../test/scripted-asterisk.ts';
import type { AmiClient } from '../ami/client.ts';
import { LiveState } from './live-state.ts';
import { NOTHING, type Observation } from './observer.ts';

const CALLS: Observation = { ...NOTHING, calls: 1, channels: 2 };

/** A live state of an Asterisk that says what it is given, or does not answer. */
function live(client: () => AmiClient | undefined): { state: LiveState; says: (Observation | Error)[] } {
  const says: (Observation | Error)[] = [];
  const observe = async (): Promise<Observation> => {
    const said = says.shift() ?? NOTHING;
    if (said instanceof Error) throw said;
    return said;
  };
  const observer = { note: () => undefined, observe };
  const subject = (): { trunkIds: string[]; sipPort: number } => ({ trunkIds: [], sipPort: 5060 });
  const options = { observer, client, subject, changed: () => undefined, clock: new FakeClock(), log: SILENT };
  return { state: new LiveState(options), says };
}

const one = {} as AmiClient;

it('knows nothing until Asterisk was asked', async () => {
  const { state, says } = live(() => one);
  says.push(CALLS);
  state.connected();
  expect(state.report()).toEqual({ observed: false, ...NOTHING });

  await state.look(one);
  expect(state.report()).toEqual({ observed: true, ...CALLS });
});

it('shows what was true last while Asterisk does not answer, and that this is not known', async () => {
  const { state, says } = live(() => one);
  says.push(CALLS, new Error('Timeout'));
  await state.look(one);
  await state.look(one);

  expect(state.report()).toEqual({ observed: false, ...CALLS });
});

it('does not take what an Asterisk said that was lost meanwhile for that of the next', async () => {
  let now: AmiClient | undefined = one;
  const { state, says } = live(() => now);
  says.push(CALLS);
  const looking = state.look(one);
  now = {} as AmiClient;
  await looking;

  expect(state.report()).toEqual({ observed: false, ...CALLS });
});

it('knows that there is nothing once Asterisk is gone', async () => {
  const { state, says } = live(() => one);
  says.push(CALLS);
  await state.look(one);
  state.lost();
  expect(state.report()).toEqual({ observed: false, ...CALLS });

  state.gone();
  expect(state.report()).toEqual({ observed: true, ...NOTHING });
});

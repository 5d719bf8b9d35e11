import { expect, it } from 'vitest';
import type { AmiClient } from '../ami/client.ts';
import { CallsProbe } from './calls.ts';

const CHANNELS: Readonly<Record<string, string>> = { 'PJSIP/a-1': 'one', 'PJSIP/b-2': 'one', 'PJSIP/c-3': 'two' };

/** Notes what it is asked for. */
function asterisk(asked: string[]): AmiClient {
  const list = async (name: string): Promise<unknown[]> => {
    asked.push(name);
    return name === 'CoreShowChannels' ? Object.keys(CHANNELS).map(Channel => ({ Channel })) : [];
  };
  const action = async (_: string, { Channel = '' }: Record<string, string>): Promise<unknown> => ({
    Value: CHANNELS[Channel],
  });
  return { list, action } as unknown as AmiClient;
}

it('counts the calls that channels are parts of', async () => {
  expect(await new CallsProbe().look(asterisk([]))).toEqual({ calls: 2, channels: 3 });
});

it('looks at all pairs once after an attended transfer, and at none otherwise', async () => {
  const probe = new CallsProbe();
  const asked: string[] = [];
  const pairs = (): number => asked.filter(name => name === 'BridgeList').length;

  probe.note({ Event: 'Newchannel' });
  await probe.look(asterisk(asked));
  expect(pairs()).toBe(0);

  probe.note({ Event: 'AttendedTransfer' });
  await probe.look(asterisk(asked));
  await probe.look(asterisk(asked));
  expect(pairs()).toBe(1);
});

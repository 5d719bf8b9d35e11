import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../src/runtime/clock.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { SipClient, type SipMessage } from './sip.ts';

/** Audio from phone to phone, for those who have it: the PBX tells each where the other one is. */
const PORT = await freePorts();
const DIRECT = { sip: { nat: { directMedia: true } } };
let rig: Rig;
const phones: SipClient[] = [];

beforeAll(async () => {
  rig = await Rig.start(PORT, {
    organization: { features: { callTransfer: false } },
    users: {
      jane: { extension: '1001', ...DIRECT },
      john: { extension: '1002', ...DIRECT },
      zoe: { extension: '1003' },
    },
  });
});

afterAll(async () => {
  await Promise.all(phones.map(phone => phone.close()));
  await rig?.stop();
});

/** Each at an address of her own. */
async function phone(user: string, address: string): Promise<SipClient> {
  const client = await SipClient.open(PORT, address);
  phones.push(client);
  const auth = rig.credentials(user);
  await client.register(auth.username, { auth });
  client.reply = () => ({ code: 200, sdp: true });
  return client;
}

/** Where a re-INVITE says that the audio is to go. */
function told(client: SipClient): string[] {
  const invites = client.received.filter(({ method }: SipMessage) => method === 'INVITE');
  return invites.map(({ body }) => /^c=IN IP4 (\S+)/m.exec(body)?.[1] ?? '');
}

it('goes past the PBX between two who have it, and not to one who has not', async () => {
  const [jane, john, zoe] = [
    await phone('jane', '127.0.0.6'),
    await phone('john', '127.0.0.7'),
    await phone('zoe', '127.0.0.8'),
  ];
  const auth = rig.credentials('jane');
  const call = await jane.request('INVITE', '1002', { from: auth.username, auth });
  await until(
    'both to be told',
    () => (told(jane).includes('127.0.0.7') && told(john).includes('127.0.0.6')) || undefined,
    {
      deadlineMs: 5_000,
    },
  ).catch((cause: unknown) => {
    throw new Error(`Told ${JSON.stringify([told(jane), told(john)])}`, { cause });
  });
  await jane.hangUp(call.dialog);
  jane.received.length = 0;

  const other = await jane.request('INVITE', '1003', { from: auth.username, auth });
  expect(other.final.code).toBe(200);
  const moved = (): true | undefined => told(zoe).includes('127.0.0.6') || told(jane).length > 0 || undefined;
  await expect(until('one of them to be told', moved, { deadlineMs: 500 })).rejects.toThrow('in vain');
  await rig.hush();
  expect(told(zoe)).not.toContain('127.0.0.6');
  expect(told(jane)).toEqual([]);
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { type Dialog, header } from '../sip.ts';
import { House, invited, OUTSIDE } from './house.ts';

/**
 * I may call inside only, and hold a call while I am moved to another extension. Who gets my old one may call the world:
 * what I transfer in my old call shall go there with those rights, and with that caller ID.
 */
let house: House;

const ZOE = { permissions: { dial: ['Internal'] }, voicemail: { enabled: false } };
const HEIR = { permissions: { dial: ['Internal', 'National', 'International'] } };

beforeAll(async () => {
  house = await House.open({ users: { zoe: { extension: '1003', ...ZOE }, heir: { extension: '1004', ...HEIR } } });
});

afterAll(() => house?.close());

beforeEach(async () => {
  await house.quiet();
  house.phone('john').reply = () => ({ code: 200, sdp: true });
  house.carrier.reply = () => ({ code: 200, sdp: true });
});

afterEach(() => live('1003', '1004'));

function live(zoe: string, heir: string): Promise<void> {
  return house.rig.edit(async () => {
    await house.rig.put('SipUser', 'zoe', { extension: zoe, ...ZOE });
    await house.rig.put('SipUser', 'heir', { extension: heir, ...HEIR });
  });
}

/** I talk to john. */
async function talking(): Promise<Dialog> {
  const zoe = house.phone('zoe');
  const auth = house.rig.credentials('zoe');
  expect((await zoe.register(auth.username, { auth })).final.code).toBe(200);
  zoe.reply = () => ({ code: 200, sdp: true });
  const { dialog } = await house.dial('zoe', '1002');
  if (!dialog) throw new Error('Nobody answered');
  await bridged();
  return dialog;
}

async function bridged(): Promise<void> {
  const both = async () => {
    const rows = (await house.rig.pbx.agent.client?.list('CoreShowChannels')) ?? [];
    return rows.filter(row => row['BridgeId']).length === 2 || undefined;
  };
  await until('both to be in the call', both, { deadlineMs: 5_000, everyMs: 10 });
}

/** What I am told comes of it: the first line of an answer (RFC 3515 §2.4.5). */
async function transfer(dialog: Dialog, to: string): Promise<string> {
  const zoe = house.phone('zoe');
  zoe.received.length = 0;
  const headers = { 'Refer-To': `<sip:${to}@127.0.0.1:${house.port}>` };
  expect((await zoe.within(dialog, 'REFER', { headers })).final.code).toBe(202);
  const told = () => zoe.received.find(({ method, body }) => method === 'NOTIFY' && !body.startsWith('SIP/2.0 100'));
  return (await until('me to be told', told, { deadlineMs: 5_000, everyMs: 10 })).body.trim();
}

describe('in a call that I began at 1003', () => {
  it.each([
    ['1013', '1003', 'who has it now'],
    ['1004', '1003', 'whom I swapped with'],
    ['1013', '1004', 'nobody'],
  ])('I am at %s, 1003 is of who was at %s: a transfer has not the rights of %s', async (mine, heirs) => {
    const dialog = await talking();
    await live(mine, heirs);

    for (const to of [OUTSIDE, '1001']) expect(await transfer(dialog, to)).toBe('SIP/2.0 404 Not Found');
    expect((await house.phone('zoe').within(dialog, 'INVITE')).final.code).toBe(200); // and john is still with me
    expect([house.left, house.rang('jane')]).toEqual([[], []]);
  });
});

it('who has my extension now may call the world, and I transfer with my own rights in a call of my new one', async () => {
  await live('1013', '1003');
  const heir = await house.enter('heir');
  const { dialog: theirs } = await house.dial('heir', OUTSIDE);
  await heir.hangUp(theirs);
  expect(house.left).toHaveLength(1);

  const dialog = await talking();
  expect(await transfer(dialog, '1001')).toBe('SIP/2.0 200 OK');
  const invite = await invited(house.phone('jane'), 'jane');
  expect(header(invite, 'from')).toContain('sip:1002@');

  await house.quiet();
  house.phone('john').reply = () => ({ code: 200, sdp: true });
  await transfer(await talking(), OUTSIDE);
  await house.silent();
  expect(house.left).toEqual([]);
});

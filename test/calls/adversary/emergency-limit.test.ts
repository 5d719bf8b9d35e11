import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { House } from './house.ts';

/**
 * I may make three emergency calls at a time. One that I left by a transfer still counts: else one phone fills the emergency
 * centre, and takes all media ports, so that nobody else can make an emergency call.
 */
let house: House;
const ZOE = { permissions: { dial: ['Internal'] }, voicemail: { enabled: false } };

beforeAll(async () => {
  house = await House.open({ users: { zoe: { extension: '1003', ...ZOE } } });
});

afterAll(() => house?.close());

beforeEach(async () => {
  await house.quiet();
  for (const client of [house.carrier, house.phone('jane')]) client.reply = () => ({ code: 200, sdp: true });
});

const tag = (party: string): string => /tag=([^;>\s]+)/.exec(party)?.[1] ?? '';

async function emergencyCall() {
  const { dialog, final } = await house.dial('zoe', '112');
  if (!dialog) throw new Error(`No emergency call: ${final.start}`);
  return dialog;
}

async function channels(count: number): Promise<void> {
  const are = async () => {
    const shown = await house.rig.pbx.agent.client?.command('core show channels count');
    return new RegExp(`^${count} active channel`, 'm').test(shown ?? '') || undefined;
  };
  await until(`${count} channels to be left`, are, { deadlineMs: 10_000, everyMs: 20 });
}

async function transfer(dialog: Awaited<ReturnType<typeof emergencyCall>>, to: string): Promise<void> {
  const headers = { 'Refer-To': `<sip:${to}>` };
  expect((await house.phone('zoe').within(dialog, 'REFER', { headers })).final.code).toBe(202);
}

it('calls of mine that I joined count, and after three none goes out but those of others', async () => {
  const [one, two] = [await emergencyCall(), await emergencyCall()];
  await channels(4);
  await transfer(
    one,
    `112@x?Replaces=${encodeURIComponent(`${two.callId};to-tag=${tag(two.remote)};from-tag=${tag(two.local)}`)}`,
  );
  await channels(2);
  await emergencyCall();
  expect((await house.dial('zoe', '112')).final.code).toBe(503);
  expect(house.left).toHaveLength(3);
  expect((await house.dial('jane', '112')).final.code).toBe(200);
});

it('calls that I handed on count until they end', async () => {
  for (let time = 1; time <= 3; time++) {
    await transfer(await emergencyCall(), '1001@x');
    await channels(2 * time);
  }
  expect((await house.dial('zoe', '112')).final.code).toBe(503);
  await house.rig.hush();
  await emergencyCall();
});

it('a call that the second trunk took is one', async () => {
  const dead = { servers: [{ name: 'a', host: '127.0.0.7', port: 9 }], health: { optionsSeconds: 0 } };
  await house.rig.edit(() => house.rig.put('Trunk', 'a-dead', dead));
  for (let time = 1; time <= 3; time++) await emergencyCall();
  const groups = (await house.rig.pbx.agent.client?.command('group show channels')) ?? '';
  expect(groups.match(/1003 +answered/g)).toHaveLength(3);
  expect(groups.match(/1003 +emergency/g)).toHaveLength(3);
  expect((await house.dial('zoe', '112')).final.code).toBe(503);
}, 60_000);

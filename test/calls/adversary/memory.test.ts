import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import type { Answer, Dialog } from '../sip.ts';
import { House, invites, OUTSIDE } from './house.ts';

/** A PBX that comes near to its limit of memory, and who brings it there. */
const MIB = 1024 * 1024;
const ANSWER = { code: 200, sdp: true } as const;
const LAMP = { Event: 'dialog', Expires: '3600' };
let house: House;
let limit: number | undefined;

beforeAll(async () => {
  house = await House.open({
    memoryLimit: () => limit,
    memoryTimes: { holdMs: 1_000, trimEveryMs: 3_000 },
    organization: { callerId: { default: { name: 'main' } } },
  });
});

afterAll(async () => {
  await house?.close();
});

beforeEach(async () => {
  limit = undefined;
  await house.quiet();
  await refuses('false', 'false');
});

async function metric(name: string): Promise<string | undefined> {
  const text = await house.rig.pbx.agent.metrics.registry.metrics();
  return text
    .split('\n')
    .find(line => line.startsWith(`${name} `))
    ?.slice(name.length + 1);
}

const used = async (): Promise<number> => Number(await metric('ringfleet_asterisk_memory_bytes')) / MIB;

async function refuses(calls: 'true' | 'false', lamps: 'true' | 'false'): Promise<void> {
  const as = async (what: string, wanted: string): Promise<boolean> =>
    (await metric(`ringfleet_memory_refusing{what="${what}"}`)) === (wanted === 'true' ? '1' : '0');
  const both = async () => ((await as('calls', calls)) && (await as('lamps', lamps))) || undefined;
  await until(`the PBX to refuse calls: ${calls}, lamps: ${lamps}`, both, { deadlineMs: 20_000, everyMs: 20 });
}

function watch(extension: string, name = 'zoe'): Promise<Answer> {
  const auth = house.rig.credentials(name);
  return house.phone(name).request('SUBSCRIBE', extension, { from: auth.username, auth, headers: LAMP });
}

/** As many as there are of a share of what is used now: above all marks, or below. */
async function limitOf(share: number): Promise<void> {
  limit = Math.round(((await used()) * MIB) / share);
}

describe('near the limit of memory', () => {
  it('an ordinary call gets 503 and a call for help goes out; running calls, registrations and lamps go on', async () => {
    house.phone('john').reply = () => ANSWER;
    const running = (await house.dial('jane', '1002')).dialog;
    const lit = (await watch('1001')).dialog;
    if (!running || !lit) throw new Error('Nobody talks, or nobody watches');
    await limitOf(1.2);
    await refuses('true', 'true');

    expect((await house.dial('zoe', '1002')).final.code).toBe(503);
    expect((await house.dial('jane', OUTSIDE)).final.code).toBe(503);
    expect((await house.inbound('914412345678')).final.code).toBe(503);
    expect(invites(house.carrier)).toEqual([]);
    await house.dial('zoe', '112');
    expect(house.left[0]?.start).toContain('sip:112@');

    const auth = house.rig.credentials('jane');
    expect((await house.phone('jane').within(running, 'INVITE')).final.code).toBe(200);
    expect((await house.phone('jane').register(auth.username, { auth })).final.code).toBe(200);
    expect((await house.phone('zoe').within(lit, 'SUBSCRIBE', { headers: LAMP })).final.code).toBe(200);
    expect((await watch('1002')).final.code).toBe(404);
    await house.rig.becomes('Organization', 'acme', 'MemoryPressure', { status: 'True', reason: 'CallsRefused' });
    await house.phone('jane').hangUp(running);
  });

  it('lamps are refused all the same after an edit, which reloads the dialplan', async () => {
    await limitOf(0.82);
    await refuses('false', 'true');
    await house.rig.edit(() => house.rig.put('SipUser', 'guest', { extension: '1027' }));
    const isRefused = async () => (await watch('1027')).final.code === 404 || undefined;
    await until('lamps to be refused again', isRefused, { deadlineMs: 10_000 });
  });

  it('all is served again once there is memory', async () => {
    await limitOf(1.2);
    await refuses('true', 'true');
    limit = 4_000 * MIB;
    await refuses('false', 'false');
    house.phone('john').reply = () => ANSWER;
    expect((await house.dial('jane', '1002')).final.code).toBe(200);
    expect((await watch('1002')).final.code).toBe(200);
  });
});

describe('a phone that watches without end', () => {
  const MOST = 6_000;
  const AT_ONCE = 50;

  it('is refused before the PBX is at its limit, and named; the memory comes back when its lamps are out', async () => {
    house.phone('zoe').patient = true; // of so many packets one may be lost
    const before = await used();
    limit = 240 * MIB;
    const lit: Dialog[] = [];
    let [refused, most] = [0, 0];
    while (refused === 0 && lit.length < MOST) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_one, n) => watch(`100${1 + (n % 3)}`)));
      lit.push(...answers.flatMap(({ dialog }) => (dialog ? [dialog] : [])));
      refused = answers.filter(({ final }) => final.code === 404).length;
      most = Math.max(most, await used());
    }
    console.log(`${lit.length} lamps, ${Math.round(before)} MiB before, ${Math.round(most)} MiB at most`);
    expect(refused).toBeGreaterThan(0);
    expect(lit.length).toBeGreaterThan(300);
    expect(most).toBeLessThan(240);

    const isNamed = () =>
      house.rig
        .condition('Organization', 'acme', 'MemoryPressure')
        ?.message.includes('SipUser zoe has subscribed to more than 300 extensions') || undefined;
    await until('the phone to be named', isNamed, { deadlineMs: 10_000 });
    await house.dial('jane', '112');
    expect(house.left[0]?.start).toContain('sip:112@');

    for (let at = 0; at < lit.length; at += AT_ONCE) {
      const some = lit.slice(at, at + AT_ONCE);
      await Promise.all(
        some.map(one =>
          house.phone('zoe').within(one, 'SUBSCRIBE', { headers: { ...LAMP, Expires: '0' }, deadlineMs: 30_000 }),
        ),
      );
    }
    most = Math.max(most, await used());
    // it keeps what it has answered for 32 s (RFC 3261, timer J), and some of the rest lies between what it needs
    const isBack = async () => (await used()) < before + (most - before) / 2 || undefined;
    await until('the memory to come back', isBack, { deadlineMs: 120_000, everyMs: 200 });
    limit = undefined;
    await refuses('false', 'false');
    expect((await watch('1002')).final.code).toBe(200);
  }, 300_000);
});

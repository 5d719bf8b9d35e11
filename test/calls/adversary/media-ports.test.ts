import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { SipClient } from '../sip.ts';
import { House, OUTSIDE } from './house.ts';

/** I use up the ports that audio needs, with calls that are refused, that ring, or that call for help. */
const PORTS = 100;
const PAIRS = PORTS / 2;
/** Of the pairs, a quarter is for emergency calls alone (`media-ports.ts`). */
const ORDINARY = PAIRS - Math.floor(PAIRS / 4);
const CALLS = ORDINARY / 2;
let house: House;

beforeAll(async () => {
  house = await House.open({
    organization: { exposure: { media: { ports: PORTS } }, limits: { concurrentCalls: CALLS } },
    users: { many: { extension: '1005', voicemail: { enabled: false }, sip: { maxContacts: 10 } } },
  });
});

afterAll(() => house?.close());

afterEach(() => house.quiet());

/** Calls, so many at a time; their codes, 0 of one that has no answer. */
async function calls(times: number, call: () => Promise<{ final: { code: number } }>, width = 10): Promise<number[]> {
  const codes: number[] = [];
  const caller = async (): Promise<void> => {
    while (times-- > 0)
      codes.push(
        await call().then(
          ({ final }) => final.code,
          () => 0,
        ),
      );
  };
  await Promise.all(Array.from({ length: width }, caller));
  return codes;
}

const channels = async (): Promise<number> => {
  const said = (await house.rig.pbx.agent.client?.command('core show channels count')) ?? '';
  return Number(/(\d+) active channels/.exec(said)?.[1]);
};

describe('while as many calls are up as there may be,', () => {
  it('a hundred more that are refused take no port from who calls for help', async () => {
    house.phone('john').reply = () => ({ code: 200, sdp: true });
    house.carrier.reply = () => ({ code: 200, sdp: true });
    const up = await calls(CALLS, () => house.dial('jane', '1002'));
    expect(new Set(up)).toEqual(new Set([200]));

    const refused = calls(100, () => house.inbound('914412345678'), 5); // fewer at a time than there are spare pairs
    const help = [await house.dial('zoe', '112'), await house.dial('jane', '112')];
    expect(help.map(({ final }) => final.code)).toEqual([200, 200]);
    // 488: its offer came in the moment in which those before it still had their pairs
    for (const code of await refused) expect([503, 488]).toContain(code);
  });
});

describe('ringing phones', () => {
  it('are fewer where ports run short, and who calls for help has some', async () => {
    const phones = await Promise.all(Array.from({ length: 10 }, () => SipClient.open(house.port)));
    const auth = house.rig.credentials('many');
    for (const phone of phones) {
      phone.reply = () => ({ code: 180 });
      await phone.register(auth.username, { auth });
    }
    const ringing = calls(5, () => house.dial('jane', '1005', { deadlineMs: 60_000 }));
    const rung = (): number =>
      phones.reduce((sum, { received }) => sum + received.filter(({ method }) => method === 'INVITE').length, 0);
    await until('phones to ring', () => (rung() >= ORDINARY - 5 ? true : undefined), {
      deadlineMs: 20_000,
      everyMs: 20,
    });
    house.carrier.reply = () => ({ code: 200, sdp: true });

    expect(await channels()).toBeLessThanOrEqual(ORDINARY);
    expect((await house.dial('john', '112')).final.code).toBe(200);
    await house.rig.hush();
    await ringing;
    await Promise.all(phones.map(phone => phone.close()));
  });
});

describe('sixty calls for help of one phone', () => {
  it('are three, and its neighbours’ are as many as they need', async () => {
    house.carrier.reply = () => ({ code: 180 });
    const codes: number[] = [];
    const many = calls(60, async () => {
      const answer = await house.dial('zoe', '112', { deadlineMs: 60_000 });
      codes.push(answer.final.code);
      return answer;
    });
    await until('all but three to be refused', () => (codes.length >= 57 ? true : undefined), {
      deadlineMs: 50_000,
      everyMs: 20,
    });
    house.carrier.reply = () => ({ code: 200, sdp: true });

    expect((await house.dial('jane', '112')).final.code).toBe(200);
    expect((await house.dial('john', '112')).final.code).toBe(200);
    expect([new Set(codes), codes.length]).toEqual([new Set([503]), 57]);
    await house.rig.hush();
    await many;
  });
});

describe('afterwards', () => {
  it('calls are as before', async () => {
    house.phone('john').reply = () => ({ code: 200, sdp: true });
    house.carrier.reply = () => ({ code: 200, sdp: true });

    expect(await calls(2, () => house.dial('jane', '1002'))).toEqual([200, 200]);
    expect((await house.dial('jane', OUTSIDE)).final.code).toBe(200);
  });
});

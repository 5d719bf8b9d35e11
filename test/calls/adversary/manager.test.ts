import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { channels } from '../../../src/agent/ami/queries.ts';
import { DrainSession } from '../../../src/agent/operations/drain-session.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { Rig } from '../rig.ts';
import { SipClient } from '../sip.ts';

/**
 * I call, or I only knock, and write headers of the manager into my number, my name and the number that I call: so that
 * nobody sees my call, or sees calls that are not there, and somebody ends what he believes is idle.
 */
const PORT = await freePorts();
const SILENT = pino({ level: 'silent' });
let rig: Rig;
let carrier: SipClient;
let john: SipClient;
let outsider: SipClient;

beforeAll(async () => {
  carrier = await SipClient.open(PORT, '127.0.0.5', PORT + 30);
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } } },
    users: { john: { extension: '1002' }, jane: { extension: '1001' } },
    numbers: { main: { number: '+914412345678', destination: { user: { name: 'john' } } } },
    trunks: { raw: { servers: [{ name: 'a', host: '127.0.0.5', port: PORT + 30 }], health: { optionsSeconds: 0 } } },
  });
  john = await SipClient.open(PORT);
  outsider = await SipClient.open(PORT, '127.0.0.9');
  const auth = rig.credentials('john');
  await john.register(auth.username, { auth });
  john.reply = () => ({ code: 200, sdp: true });
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([carrier, john, outsider].map(phone => phone?.close()));
});

beforeEach(() => rig.hush());

/** What the agent says once it has looked. */
async function believes(calls: number, parts: number): Promise<void> {
  const told = (): true | undefined => {
    const report = rig.pbx.report;
    return (report.observed && report.calls === calls && report.channels === parts) || undefined;
  };
  await until(`the agent to see ${calls} calls of ${parts} channels`, told, { deadlineMs: 10_000 }).catch(
    (cause: unknown) => {
      const { observed, calls: seen, channels: of } = rig.pbx.report;
      throw new Error(`It saw ${seen} calls of ${of} channels (${observed})`, { cause });
    },
  );
}

const escaped = (text: string): string =>
  text.replace(/[\r\n: <>"%&]/g, sign => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);

const NUMBERS = [
  ['the end of the list', '1\r\nEventList: Complete\r\nX: 1'],
  ['the end of the list, with its count', '1\r\nEventList: Complete\r\nListItems: 0\r\nX: 1'],
  ['the end of the row', '1\r\n\r\nX: 1'],
  ['an answer', '1\r\nResponse: Error\r\nMessage: No x\r\nX: 1'],
  ['another row', '1\r\n\r\nEvent: CoreShowChannel\r\nChannel: y\r\nX: 1'],
  ['the end of all', '1\r\n\r\nEvent: CoreShowChannelsComplete\r\nListItems: 0'],
  ['another call’s mark', '1\r\nLinkedid: same\r\n\r\nX: 1'],
  ['another call’s name', '1\r\nChannel: PJSIP/x-1\r\nUniqueid: x\r\nX: 1'],
] as const;

describe('a call from a number that is', () => {
  it.each(NUMBERS)('%s is seen, and keeps the PBX from being taken for empty', async (_what, number) => {
    const { client } = rig.pbx.agent;
    const [first, second] = [
      await carrier.request('INVITE', '914412345678', { from: `<sip:${escaped(number)}@127.0.0.5>` }),
      await carrier.request('INVITE', '914412345678', { from: `<sip:${escaped(number)}@127.0.0.5>` }),
    ];
    expect([first.final.code, second.final.code]).toEqual([200, 200]);
    const session = new DrainSession({ refuseMs: 1_000, clock: systemClock, log: SILENT }, 60_000);

    await believes(2, 4);
    for (let tries = 0; tries < 10; tries++) {
      expect(await session.look(client, AbortSignal.timeout(10_000))).toBe(false);
      expect(client && (await channels(client))).toHaveLength(4);
    }

    await carrier.hangUp(first.dialog);
    await believes(1, 2);
    await carrier.hangUp(second.dialog);
    await believes(0, 0);
    expect(await session.look(client, AbortSignal.timeout(10_000))).toBe(true);
  });
});

it('a number that I call, with my own credentials, shows nobody a call that is not there', async () => {
  const auth = rig.credentials('jane');
  const jane = await SipClient.open(PORT);
  for (const [, number] of NUMBERS) {
    const to = escaped(number.replace(/^1/, '1002'));
    await jane.request('INVITE', to, { from: auth.username, auth, deadlineMs: 5_000 }).catch(() => undefined);
  }
  await rig.hush();
  await believes(0, 0);
  await jane.close();
});

describe('an event of mine', () => {
  it('is not heard, and what was refused is counted as what it was', async () => {
    const heard: (string | undefined)[] = [];
    // of calls before, Asterisk may tell only now; what I write has no channel
    rig.pbx.agent.client?.onEvent(event => event['Channel'] === undefined && heard.push(event['Event']));
    const refusals = async (reason: string): Promise<number> => {
      const text = await rig.pbx.agent.metrics.registry.metrics();
      const found = new RegExp(`authentication_failures_total\\{reason="${reason}"\\} (\\d+)`).exec(text);
      return Number(found?.[1]);
    };
    const [unknown, wrong] = [await refusals('unknown_account'), await refusals('wrong_password')];
    const names = [
      '\r\n\r\nEvent: InvalidPassword\r\nX: 1',
      '\r\n\r\nEvent: Mine\r\nX: 1',
      '\r\n\r\nEvent: Newchannel\r\nX:',
      '\r\n\r\nEvent: close\r\n',
      '\r\n\r\nEvent: rawevent\r\n', // this one and the next end a client that is built on asterisk-manager
      '\r\n\r\nResponse: follow\r\n',
    ];
    for (const name of names) await outsider.request('REGISTER', '', { from: `<sip:${escaped(name)}@x>`, to: 'x' });

    await until(
      'all to be counted',
      async () => (await refusals('unknown_account')) >= unknown + names.length || undefined,
      {
        deadlineMs: 5_000,
      },
    );
    expect(await refusals('wrong_password')).toBe(wrong);
    expect(heard.filter(name => name === 'Mine' || name === 'Newchannel')).toEqual([]);
    await believes(0, 0);
  });
});

describe('my phone’s name', () => {
  it('steers nobody’s terminal, and its address is an address', async () => {
    const auth = rig.credentials('jane');
    const jane = await SipClient.open(PORT);
    const userAgent = `A\u001b[2J\u001b]0;pwn\u0007\u202eB${'x'.repeat(400)}`;
    const contact = `sip:a@127.0.0.4:${jane.port};transport=%0d%0aX`;
    await jane.register(auth.username, { auth, contact, headers: { 'User-Agent': userAgent } });

    const told = await until('the contact', () => rig.pbx.report.contacts[auth.username]?.[0], { deadlineMs: 5_000 });
    expect(JSON.stringify(rig.pbx.report)).not.toMatch(/\\u001b|\\u0007|\u202e/);
    expect(told).toMatchObject({ transport: 'UDP', source: `127.0.0.4:${jane.port}` });
    expect(told.userAgent).toHaveLength(256);
    await jane.register(auth.username, { auth, contact, expires: 0 });
    await jane.close();
  });

  it('is counted when nobody would call it', async () => {
    const auth = rig.credentials('jane');
    const jane = await SipClient.open(PORT);
    const contact = `sip:a&Local@127.0.0.4:${jane.port}`;
    const leftOut = async (): Promise<number> => {
      const text = await rig.pbx.agent.metrics.registry.metrics();
      return Number(/^ringfleet_contacts_left_out (\d+)/m.exec(text)?.[1]);
    };
    expect(await leftOut()).toBe(0);

    const { final } = await jane.register(auth.username, { auth, contact });

    expect(final.code).toBe(200);
    await until('it to be counted', async () => (await leftOut()) === 1 || undefined, { deadlineMs: 5_000 });
    await jane.register(auth.username, { auth, contact, expires: 0 });
    await until('it to be gone', async () => (await leftOut()) === 0 || undefined, { deadlineMs: 5_000 });
    await jane.close();
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../src/runtime/clock.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { header, type Reply, SipClient, type SipMessage } from './sip.ts';

/** Calls that go on to somebody else: transferred, forwarded by a phone, sent on by a rule; whose rights, whose number. */
const PORT = await freePorts();
const OUTSIDE = '00442079460000';
const ANSWER: Reply = { code: 200, sdp: true };
let rig: Rig;
const phones = new Map<string, SipClient>();

const CHAIN = Object.fromEntries(
  Array.from({ length: 12 }, (_, step) => [
    `step${step}`,
    { extension: `20${10 + step}`, ring: { target: { none: {} }, onNoAnswer: { extension: `20${11 + step}` } } },
  ]),
);

beforeAll(async () => {
  phones.set('carrier', await SipClient.open(PORT, '127.0.0.5', PORT + 30));
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } } },
    users: {
      jane: { extension: '1001', callerId: { default: { name: 'direct' } } },
      john: { extension: '1002' },
      zoe: { extension: '1003', permissions: { dial: ['Internal'] } },
      away: {
        extension: '1004',
        callerId: { default: { name: 'main' } },
        ring: { target: { none: {} }, onNoAnswer: { number: '+442079460000' } },
      },
      ...CHAIN,
      end: { extension: '2022' },
    },
    numbers: {
      main: { number: '+914412345678', destination: { user: { name: 'away' } } },
      direct: { number: '+914412345679', destination: { user: { name: 'jane' } } },
    },
    trunks: { raw: { servers: [{ name: 'a', host: '127.0.0.5', port: PORT + 30 }], health: { optionsSeconds: 0 } } },
  });
  for (const name of ['jane', 'john', 'zoe', 'end']) {
    const phone = await SipClient.open(PORT);
    const auth = rig.credentials(name);
    await phone.register(auth.username, { auth });
    phones.set(name, phone);
  }
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([...phones.values()].map(phone => phone.close()));
});

beforeEach(async () => {
  await rig.hush();
  for (const phone of phones.values()) {
    phone.received.length = 0;
    phone.reply = () => ANSWER;
  }
});

function phone(name: string): SipClient {
  const found = phones.get(name);
  if (!found) throw new Error(`There is no phone ${name}`);
  return found;
}

function dial(name: string, number: string) {
  const auth = rig.credentials(name);
  return phone(name).request('INVITE', number, { from: auth.username, auth });
}

function invites(name: string): SipMessage[] {
  return phone(name).received.filter(({ method }) => method === 'INVITE');
}

function reached(name: string): Promise<SipMessage> {
  return until(`a call to reach ${name}`, () => invites(name)[0], { deadlineMs: 5_000, everyMs: 10 });
}

async function counted(): Promise<string> {
  const rows = (await rig.pbx.agent.client?.command('group show channels')) ?? '';
  return String(rows.split('\n').filter(row => /\sall\s+calls\s*$/.test(row)).length);
}

/** Nobody transfers within milliseconds of the answer: both sides are in the bridge by then. */
async function talking(calls: number): Promise<void> {
  const bridges = async (): Promise<true | undefined> => {
    const rows = (await rig.pbx.agent.client?.list('CoreShowChannels')) ?? [];
    return rows.filter(row => row['BridgeId']).length >= 2 * calls ? true : undefined;
  };
  await until(`${calls} calls to be bridged`, bridges, { deadlineMs: 5_000, everyMs: 10 });
}

/** `who`, in a call with somebody, sends the other one on. */
async function transfer(who: string, call: { dialog?: Parameters<SipClient['within']>[0] }, to: string) {
  if (!call.dialog) throw new Error('The call is not up');
  await talking(1);
  return phone(who).within(call.dialog, 'REFER', { headers: { 'Refer-To': `<sip:${to}@127.0.0.1:${PORT}>` } });
}

function transfers(on: boolean): Promise<void> {
  const spec = { userDefaults: { voicemail: { enabled: false } }, features: { callTransfer: on } };
  return rig.edit(() =>
    rig.put('Organization', 'acme', { sipDomain: 'acme.example', location: { country: 'IN' }, ...spec }),
  );
}

describe('a transfer', () => {
  it('connects the other one, and the call is still one of the count', async () => {
    const call = await dial('jane', '1002');
    expect((await transfer('jane', call, '1003')).final.code).toBe(202);

    expect(header(await reached('zoe'), 'from')).toContain('sip:1002@');
    await until('one counted call', async () => ((await counted()) === '1' ? true : undefined), { deadlineMs: 5_000 });
  });

  it('outside shows the number of who transfers', async () => {
    const call = await dial('jane', '1002');
    await transfer('jane', call, OUTSIDE);

    expect(header(await reached('carrier'), 'from')).toContain('sip:+914412345679@');
    expect(invites('carrier')[0]?.text).not.toMatch(/(sip:|")1002\b|john|acme_/);
  });

  it('outside is refused when who transfers may not dial there, though the other one may', async () => {
    const call = await dial('zoe', '1002');
    await transfer('zoe', call, OUTSIDE);
    const callId = header(await reached('john'), 'call-id'); // the end of the call before may be heard only now
    const isEnd = ({ method, headers }: SipMessage) => method === 'BYE' && headers.get('call-id')?.[0] === callId;
    await until('the call to end', () => phone('john').received.find(isEnd), { deadlineMs: 5_000 });

    expect(invites('carrier')).toEqual([]);
  });

  it('with a word before (attended) leaves one counted call, not none', async () => {
    const [first, second] = [await dial('jane', '1002'), await dial('jane', '1003')];
    if (!first.dialog || !second.dialog) throw new Error('A call is not up');
    const tag = (value: string) => /tag=([^;>]+)/.exec(value)?.[1] ?? '';
    const { callId, local, remote } = second.dialog;
    const replaces = encodeURIComponent(`${callId};to-tag=${tag(remote)};from-tag=${tag(local)}`);
    const headers = { 'Refer-To': `<sip:1003@127.0.0.1:${PORT}?Replaces=${replaces}>` };
    await talking(2);
    expect(await counted()).toBe('2');

    expect((await phone('jane').within(first.dialog, 'REFER', { headers })).final.code).toBe(202);
    await until('one counted call', async () => ((await counted()) === '1' ? true : undefined), { deadlineMs: 5_000 });
    expect(await rig.pbx.agent.client?.command('core show channels count')).toContain('2 active channels');
  });

  it('to the world is refused in an organization that was suspended meanwhile; to a colleague it is not', async () => {
    const spec = {
      userDefaults: { voicemail: { enabled: false } },
      sipDomain: 'acme.example',
      location: { country: 'IN' },
    };
    const [first, second] = [await dial('jane', '1002'), await dial('jane', '1002')];
    await talking(2);
    await rig.edit(() => rig.put('Organization', 'acme', { ...spec, state: 'Suspended' }));
    await transfer('jane', first, OUTSIDE);
    await transfer('jane', second, '1003');

    await reached('zoe');
    expect(invites('carrier')).toEqual([]);
    await rig.edit(() => rig.put('Organization', 'acme', spec));
  });

  it('is not for the other side of a trunk', async () => {
    const call = await phone('carrier').request('INVITE', '914412345679', { from: '+442079460000' });
    const { final } = await transfer('carrier', call, '1003');

    expect(final.code).toBeGreaterThanOrEqual(400);
    expect(invites('zoe')).toEqual([]);
  });

  it('is refused when the organization has no transfers, the call goes on, and is back with the feature', async () => {
    await transfers(false);
    const call = await dial('jane', '1002');
    const { final } = await transfer('jane', call, '1003');
    expect(final.code).toBeGreaterThanOrEqual(400);
    expect(await rig.pbx.agent.client?.command('core show channels count')).toContain('2 active channels');
    await phone('jane').hangUp(call.dialog); // or its bridge would be taken for that of the next call
    await transfers(true);

    const again = await dial('jane', '1002');
    expect((await transfer('jane', again, '1003')).final.code).toBe(202);
    expect(header(await reached('zoe'), 'from')).toContain('sip:1002@');
  });
});

describe('a phone that forwards (302)', () => {
  const elsewhere = (number: string): Reply => ({
    code: 302,
    headers: { Contact: `<sip:${number}@127.0.0.1:${PORT}>` },
  });

  it('to an extension rings that one', async () => {
    phone('john').reply = () => elsewhere('1003');
    await dial('jane', '1002');

    expect(header(await reached('zoe'), 'from')).toContain('sip:1001@');
  });

  it('to a number outside needs the right of its user, whatever the caller may', async () => {
    phone('zoe').reply = () => elsewhere(OUTSIDE);
    const { final } = await dial('jane', '1003');

    expect(final.code).toBeGreaterThanOrEqual(400);
    expect(invites('carrier')).toEqual([]);
  });

  it('to itself or in a circle ends', async () => {
    phone('john').reply = () => elsewhere('1003');
    phone('zoe').reply = () => elsewhere('1002');
    const { final } = await dial('jane', '1002');

    expect(final.code).toBeGreaterThanOrEqual(400);
    expect(invites('john').length).toBeLessThan(12);
  });

  it('from a carrier is not followed', async () => {
    phone('carrier').reply = () => elsewhere('1003');
    await dial('jane', OUTSIDE);

    expect(invites('zoe')).toEqual([]);
  });
});

describe('a rule', () => {
  it('to a number outside shows the number of whose rule it is, to callers from inside and outside', async () => {
    await dial('jane', '1004');
    expect(header(await reached('carrier'), 'from')).toContain('sip:+914412345678@');

    phone('carrier').received.length = 0;
    await phone('carrier').request('INVITE', '914412345678', { from: '+442079461111', deadlineMs: 5_000 });
    expect(header(await reached('carrier'), 'from')).toContain('sip:+914412345678@');
  });

  it('to a number outside shows whose rule it is when the caller shows nobody', async () => {
    const anonymous = { from: '"Anonymous" <sip:anonymous@anonymous.invalid>', headers: { Privacy: 'id' } };
    await phone('carrier').request('INVITE', '914412345678', { ...anonymous, deadlineMs: 5_000 });
    const invite = await reached('carrier');

    expect(header(invite, 'from')).toContain('sip:+914412345678@');
    expect(header(invite, 'privacy')).toBeUndefined();
  });

  it('counts one call, however many legs', async () => {
    await dial('jane', '1004');

    expect(await counted()).toBe('1');
  });

  it('is followed ten times and no further', async () => {
    expect((await dial('jane', '2013')).final.code).toBe(200);
    phone('end').received.length = 0;

    const { final } = await dial('jane', '2010');
    expect(final.code).toBeGreaterThanOrEqual(400);
    expect(invites('end')).toEqual([]);
  });
});

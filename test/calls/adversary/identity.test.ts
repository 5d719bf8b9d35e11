import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { Rig } from '../rig.ts';
import { header, SipClient } from '../sip.ts';

/** Who one says one is: an outsider who looks for names, a caller who uses somebody's, a phone that loses its address. */
const PORT = await freePorts();
const CARRIER = '127.0.0.5';
let rig: Rig;
let outsider: SipClient;
let carrier: SipClient;
const others: SipClient[] = [];

beforeAll(async () => {
  carrier = await SipClient.open(PORT, CARRIER, PORT + 30);
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } } },
    users: {
      jane: { extension: '1001', fullName: 'Jane Roe' },
      john: { extension: '1002', fullName: 'John Doe' },
      gone: { extension: '1003', enabled: false },
      fenced: { extension: '1004', sip: { allowedSources: ['127.0.0.77/32'] } },
    },
    trunks: { raw: { servers: [{ name: 'a', host: CARRIER, port: PORT + 30 }] } },
    numbers: { main: { number: '+914412345678', trunk: { name: 'raw' }, destination: { user: { name: 'john' } } } },
  });
  outsider = await SipClient.open(PORT, '127.0.0.99');
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([outsider, carrier, ...others].map(client => client?.close()));
});

async function client(address?: string): Promise<SipClient> {
  const opened = await SipClient.open(PORT, address);
  others.push(opened);
  return opened;
}

/** What is new in each answer, and the name that was asked for, as their lengths. */
function alike(text: string, name: string): string {
  const length = (found: string): string => `<${found.length}>`;
  return text
    .replaceAll(name, '<name>')
    .replace(/(nonce|opaque)="[^"]*"/g, length)
    .replace(/(branch|tag)=[^;\s]*/g, length)
    .replace(/^(Call-ID|Date): .*$/gm, '$1');
}

describe('an outsider who looks for names', () => {
  // a user, a disabled one, one who is not allowed from here, nobody, a trunk, and what is the system's own
  const NAMES = ['acme_1001', 'acme_1003', 'acme_1004', 'acme_9999', 'jane', 'acme_t-raw', 'rf-probe', 'rf-refused'];
  const METHODS = ['REGISTER', 'INVITE', 'OPTIONS', 'SUBSCRIBE', 'PUBLISH', 'MESSAGE', 'REFER', 'INFO', 'NOTIFY'];

  it.each([
    ...METHODS,
    'UPDATE',
    'PRACK',
    'BYE',
    'CANCEL',
    'FOO',
  ])('gets the same bytes for each, by %s', async method => {
    const headers = { Event: 'dialog', Expires: '60', 'Refer-To': '<sip:1@127.0.0.1>' };
    const seen = new Map<string, string[]>();
    for (const name of NAMES) {
      const { final } = await outsider.request(method, 'somebody', { from: name, headers });
      const text = alike(final.text, name);
      seen.set(text, [...(seen.get(text) ?? []), name]);
    }

    expect([...seen.values()]).toEqual([NAMES]);
    expect([...seen.keys()][0]).toMatch(/^SIP\/2.0 4(01|81)/);
  });

  it('gets the same bytes for each, with a wrong password too', async () => {
    const seen = new Map<string, string[]>();
    for (const name of NAMES) {
      const auth = { username: name, password: 'a-wrong-one' };
      const { final } = await outsider.register(name, { auth });
      const text = alike(final.text, name);
      seen.set(text, [...(seen.get(text) ?? []), name]);
    }

    expect([...seen.values()]).toEqual([NAMES]);
  });

  it('is not told which software answers', async () => {
    const { final } = await outsider.register('acme_1001', {});
    const john = await client();
    await john.register('acme_1002', { auth: rig.credentials('john') });
    await carrier.request('INVITE', '914412345678', { from: '+442079460000' });
    const invite = john.received.find(({ method }) => method === 'INVITE');

    expect(final.text).not.toMatch(/asterisk|pjsip/i);
    expect(header(invite ?? final, 'user-agent')).toBe('Ringfleet');
    expect(invite?.body).not.toMatch(/asterisk/i);
    await john.register('acme_1002', { auth: rig.credentials('john'), expires: 0 });
  });
});

describe('a caller from outside', () => {
  it('who uses a user’s name is asked for her password; everybody else’s call rings as before', async () => {
    const john = await client();
    await john.register('acme_1002', { auth: rig.credentials('john') });
    const asUser = await carrier.request('INVITE', '914412345678', { from: 'acme_1002' });
    const honest = await carrier.request('INVITE', '914412345678', { from: '+442079460000' });

    expect(asUser.final.code).toBe(401);
    expect(honest.final.code).toBe(486);
    await john.register('acme_1002', { auth: rig.credentials('john'), expires: 0 });
  });

  it('does not keep a phone behind the same address from being itself', async () => {
    const behind = await client(CARRIER);
    const auth = rig.credentials('jane');

    expect((await behind.register('acme_1001', { auth })).final.code).toBe(200);
    expect((await behind.request('INVITE', '1002', { from: 'acme_1001', auth })).final.code).not.toBe(401);
    await behind.register('acme_1001', { auth, expires: 0 });
  });
});

describe('a user', () => {
  it('has no feature code that is not ours', async () => {
    const shown = (await rig.pbx.agent.client?.command('features show')) ?? '';
    const current = shown
      .split('\n')
      .filter(line => /^(Pickup|Blind|Attended|Disconnect|Park|One Touch)/.test(line))
      .flatMap(line => line.slice(34).trim() || []);

    expect(shown).toContain('Pickup');
    expect(current).toEqual(['*88']);
  });

  it('has nothing behind *8, which is Asterisk’s own code for picking up', async () => {
    const jane = await client();
    const { final } = await jane.request('INVITE', '*8', { from: 'acme_1001', auth: rig.credentials('jane') });

    expect([404, 603]).toContain(final.code); // pickup itself says 403
  });

  it('keeps the phone that answers when another one of hers comes back from ever new ports', async () => {
    const auth = rig.credentials('jane');
    const answering = await client();
    await answering.register('acme_1001', { auth, expires: 3600 });
    const comeBack = async (): Promise<void> => {
      const dead = await SipClient.open(PORT);
      dead.deaf = true;
      await dead.register('acme_1001', { auth, expires: 3600 });
      await dead.close();
    };
    const seen = async (state: string): Promise<number> =>
      ((await rig.pbx.agent.client?.command('pjsip show contacts')) ?? '')
        .split('\n')
        .filter(line => line.includes('acme_1001/') && line.includes(state)).length;
    for (let times = 0; times < 4; times++) await comeBack();
    await until('the dead ones to be known as dead', async () => ((await seen('Unavail')) === 4 ? true : undefined), {
      deadlineMs: 20_000,
    });
    for (let times = 0; times < 4; times++) await comeBack();
    const john = await client();
    const call = john.request('INVITE', '1001', { from: 'acme_1002', auth: rig.credentials('john') });
    await until('the phone that answers to ring', () => answering.received.find(({ method }) => method === 'INVITE'), {
      deadlineMs: 5_000,
    });

    await rig.hush();
    expect((await call).final.code).toBeGreaterThanOrEqual(400);
  });
});

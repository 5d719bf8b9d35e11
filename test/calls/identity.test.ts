import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { header, SipClient } from './sip.ts';

/** Who may be whom, seen on the wire: a client that lies, and a callee and a carrier that read every header. */
const PORT = await freePorts();
let rig: Rig;
let liar: SipClient;
let callee: SipClient;
let carrier: SipClient;

beforeAll(async () => {
  carrier = await SipClient.open(PORT, '127.0.0.5', PORT + 30);
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } } },
    users: {
      jane: { extension: '1001', fullName: 'Jane Roe' },
      john: { extension: '1002', fullName: 'John Doe', sip: { maxContacts: 2 } },
      zoe: { extension: '1003', sip: { maxContacts: 1, address: 'zoe.reception' } },
      fenced: { extension: '1004', sip: { allowedSources: ['127.0.0.6/32'] } },
    },
    trunks: { raw: { servers: [{ name: 'a', host: '127.0.0.5', port: PORT + 30 }], health: { optionsSeconds: 0 } } },
  });
  liar = await SipClient.open(PORT);
  callee = await SipClient.open(PORT);
  await callee.register('acme_1002', { auth: rig.credentials('john') });
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([liar, callee, carrier].map(client => client?.close()));
});

describe('registering', () => {
  it('is refused with 401 for ever when the password is wrong: no lock-out of the right one', async () => {
    const wrong = { username: 'acme_1001', password: 'wrong-password' };
    const codes: number[] = [];
    for (let times = 0; times < 12; times++) codes.push((await liar.register('acme_1001', { auth: wrong })).final.code);
    const right = await liar.register('acme_1001', { auth: rig.credentials('jane') });

    expect(new Set(codes)).toEqual(new Set([401]));
    expect(right.final.code).toBe(200);
  });

  it('offers SHA-256 first and MD5 to those who know no other', async () => {
    const { final } = await liar.register('acme_1001', {});

    const offers = (final.headers.get('www-authenticate') ?? []).map(offer => /algorithm=([^,]+)/.exec(offer)?.[1]);
    expect(offers).toEqual(['SHA-256', 'MD5']);
  });

  it('as somebody else with own credentials is refused', async () => {
    const { final } = await liar.register('acme_1002', { auth: rig.credentials('jane') });

    expect(final.code).toBe(401);
  });

  it('of another one’s address is refused, whoever authenticates', async () => {
    const { final } = await liar.register('acme_1001', { to: 'acme_1003', auth: rig.credentials('jane') });

    expect(final.code).toBeGreaterThanOrEqual(400);
    expect(await rig.pbx.agent.client?.command('database show registrar/contact')).not.toContain('acme_1003');
  });

  it('with a name that is no user’s is challenged like any other: names cannot be found out', async () => {
    const unknown = await liar.register('acme_9999', {});
    const known = await liar.register('acme_1001', {});

    expect(unknown.final.code).toBe(known.final.code);
    expect(unknown.final.headers.has('www-authenticate')).toBe(true);
  });

  it('as the PBX’s own probe gives nothing', async () => {
    expect((await liar.register('rf-probe', {})).final.code).toBeGreaterThanOrEqual(400);
    expect((await liar.request('INVITE', '1001', { from: 'rf-probe' })).final.code).toBeGreaterThanOrEqual(400);
  });

  it('from outside the allowed sources is refused, from inside accepted', async () => {
    const inside = await SipClient.open(PORT, '127.0.0.6');
    const auth = rig.credentials('fenced');

    expect((await liar.register('acme_1004', { auth })).final.code).toBeGreaterThanOrEqual(400);
    expect((await inside.register('acme_1004', { auth })).final.code).toBe(200);
    await inside.close();
  });

  it('a second phone where one is allowed takes the place of the first', async () => {
    const [one, two] = [await SipClient.open(PORT), await SipClient.open(PORT)];
    const auth = rig.credentials('zoe');
    await one.register('acme_1003', { auth });
    const { final } = await two.register('acme_1003', { auth });

    expect(final.code).toBe(200);
    expect((final.headers.get('contact') ?? []).join(' ')).toContain(`:${two.port}`);
    expect((final.headers.get('contact') ?? []).join(' ')).not.toContain(`:${one.port}`);
    await Promise.all([one.close(), two.close()]);
  });
});

describe('calling', () => {
  const jane = () => rig.credentials('jane');

  it('as somebody else with own credentials is refused', async () => {
    const { final } = await liar.request('INVITE', '1002', { from: 'acme_1003', auth: jane() });

    expect(final.code).toBe(401);
  });

  it.each([
    ['a display name', { from: '"John Doe" <sip:acme_1001@127.0.0.1>' }, {}],
    ['P-Asserted-Identity', { from: 'acme_1001' }, { 'P-Asserted-Identity': '"John Doe" <sip:1003@127.0.0.1>' }],
    ['P-Preferred-Identity', { from: 'acme_1001' }, { 'P-Preferred-Identity': '<sip:1003@127.0.0.1>' }],
    ['Remote-Party-ID', { from: 'acme_1001' }, { 'Remote-Party-ID': '<sip:1003@127.0.0.1>;party=calling' }],
    ['Diversion', { from: 'acme_1001' }, { Diversion: '<sip:1003@127.0.0.1>;reason=unconditional' }],
  ])('shows the own number, whatever %s says', async (_what, who, headers) => {
    callee.received.length = 0;
    const { final } = await liar.request('INVITE', '1002', { ...who, headers, auth: jane() });
    const [invite] = callee.received;

    expect(final.code).toBe(486);
    expect(invite && header(invite, 'from')).toMatch(/^"Jane Roe" <sip:1001@/);
    expect(invite?.text).not.toMatch(/(sip:|")1003/);
    expect(header(invite ?? final, 'p-asserted-identity')).toBeUndefined();
  });

  it.each([
    'SUBSCRIBE',
    'PUBLISH',
    'MESSAGE',
    'REFER',
    'INFO',
    'NOTIFY',
    'UPDATE',
  ])('without credentials by %s gives nothing', async method => {
    const headers = { Event: 'dialog', 'Refer-To': '<sip:1002@127.0.0.1>', Expires: '60' };
    const { final } = await liar.request(method, "1001'%3B%20DROP%20TABLE%20users%3B--", {
      from: 'acme_1001',
      headers,
    });

    expect(final.code).toBeGreaterThanOrEqual(400);
  });

  it('by a SIP address reaches its user', async () => {
    const zoe = await SipClient.open(PORT);
    await zoe.register('acme_1003', { auth: rig.credentials('zoe') });
    const { final } = await liar.request('INVITE', 'Zoe.Reception', { from: 'acme_1001', auth: jane() });

    expect(final.code).toBe(486);
    expect(zoe.received).toHaveLength(1);
    await zoe.close();
  });

  it.each([
    '1002,busy',
    '1002)',
    '00442079460000,allowed',
    '%24%7BGLOBAL(RF_ORG)%7D',
    '1002%7C1',
    '*97,1)',
    '1002%26IAX2',
  ])('a number with dialplan in it (%s) does nothing but what its digits say', async number => {
    const { final } = await liar.request('INVITE', number, { from: 'acme_1001', auth: jane(), deadlineMs: 5_000 });

    expect(final.code).toBeGreaterThanOrEqual(200);
    expect(await rig.pbx.agent.client?.command('core show channels count')).toContain('0 active');
  });

  it('outside without any caller ID shows neither extension nor name', async () => {
    carrier.received.length = 0;
    await liar.request('INVITE', '00442079460000', { from: 'acme_1001', auth: jane() });
    const [invite] = carrier.received;

    expect(invite?.start).toContain('sip:+442079460000@');
    expect(invite?.text).not.toMatch(/(sip:|")1001\b|Jane|acme_/);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { Rig } from '../rig.ts';
import { type Answer, header, SipClient } from '../sip.ts';

/** What a phone asks to be told: of whom, how often, and what it reads out of the answer. */
const PORT = await freePorts();
const CARRIER = '127.0.0.5';
let rig: Rig;
let watcher: SipClient;
let caller: SipClient;
let watched: SipClient;
let carrier: SipClient;

beforeAll(async () => {
  carrier = await SipClient.open(PORT, CARRIER, PORT + 30);
  rig = await Rig.start(PORT, {
    users: {
      jane: { extension: '1001', fullName: 'Jane Roe' },
      john: { extension: '1002', fullName: 'John Doe' },
      mallory: { extension: '1003' },
      room: { extension: '1014', fullName: 'Room' },
    },
    trunks: { raw: { servers: [{ name: 'a', host: CARRIER, port: PORT + 30 }] } },
    numbers: { main: { number: '+914412345678', trunk: { name: 'raw' }, destination: { user: { name: 'john' } } } },
  });
  [caller, watched, watcher] = [await phone('jane'), await phone('john'), await phone('mallory')];
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([watcher, caller, watched, carrier].map(one => one?.close()));
});

beforeEach(async () => {
  await rig.hush();
  for (const client of [caller, watched, watcher]) client.received.length = 0;
});

async function phone(user: string): Promise<SipClient> {
  const client = await SipClient.open(PORT);
  const auth = rig.credentials(user);
  await client.register(auth.username, { auth });
  return client;
}

function subscribe(to: string, headers: Record<string, string> = {}): Promise<Answer> {
  const auth = rig.credentials('mallory');
  return watcher.request('SUBSCRIBE', to, {
    from: auth.username,
    auth,
    headers: { Event: 'dialog', Expires: '60', ...headers },
  });
}

async function hints(): Promise<number> {
  const shown = await rig.pbx.agent.client?.command('core show hints');
  return Number(/(\d+) hints? registered/.exec(shown ?? '')?.[1] ?? 0);
}

/** What the watcher is told of John. */
const told = (): string[] =>
  watcher.received
    .filter(({ method, body }) => method === 'NOTIFY' && body.includes('entity="sip:1002@'))
    .map(({ body }) => body);

describe('a phone that watches', () => {
  it.each([
    ['1001', 200],
    ['1014', 200],
    ['1004', 404],
    ['7777', 404],
    ['1', 404],
    ['10011', 404],
    ['112', 404],
    ['_1001', 404],
    ['_X!', 404],
    ['hints-users', 404],
    ['1001,hint', 404],
  ])('%s is answered %i', async (extension, code) => {
    for (const event of ['dialog', 'presence'])
      expect((await subscribe(extension, { Event: event })).final.code).toBe(code);
  });

  it('is told of who comes, at once, and no more of who has gone', async () => {
    await rig.edit(() => rig.put('SipUser', 'guest', { extension: '1027' }));
    expect((await subscribe('1027')).final.code).toBe(200);
    await rig.edit(() => rig.remove('SipUser', 'guest'));
    expect((await subscribe('1027')).final.code).toBe(404);
  });

  it('is told for an hour at most, however long it asks for', async () => {
    for (const event of ['dialog', 'presence']) {
      const { final } = await subscribe('1002', { Event: event, Expires: '86400' });
      expect(Number(header(final, 'expires'))).toBeLessThanOrEqual(3600);
    }
  });

  it('whatever numbers it tries leaves nothing behind', async () => {
    await subscribe('1002');
    const before = await hints();
    for (let number = 2000; number < 2300; number++) await subscribe(String(number));

    expect(await hints()).toBe(before);
  });

  it.each([
    'as-feature-event',
    'conference',
    'ua-profile',
    'call-info',
    'x',
  ])('%s, which is no event of ours, is told so', async event => {
    expect((await subscribe('1001', { Event: event })).final.code).toBe(489);
  });

  it('sees that a phone rings and not who calls it, which the phone itself sees', async () => {
    await subscribe('1002');
    watched.reply = () => ({ code: 180 });
    const auth = rig.credentials('jane');
    const call = caller.request('INVITE', '1002', { from: auth.username, auth });
    const early = await until('the watcher to be told', () => told().find(body => body.includes('early')), {
      deadlineMs: 5_000,
    });
    const invite = watched.received.find(({ method }) => method === 'INVITE');
    await rig.hush();
    await call;

    expect(told().join()).not.toMatch(/1001|Jane/);
    expect(early).toContain('sip:anonymous@anonymous.invalid');
    expect(invite && header(invite, 'from')).toMatch(/^"Jane Roe" <sip:1001@/);
  });

  it('does not see who calls from outside, nor does anybody see who hides', async () => {
    await subscribe('1002');
    watched.reply = () => ({ code: 180 });
    const open = carrier.request('INVITE', '914412345678', { from: '"Ann" <sip:+442079460000@carrier.example>' });
    await until('the watcher to be told', () => told().find(body => body.includes('early')), { deadlineMs: 5_000 });
    await rig.hush();
    await open;
    const first = watched.received.find(({ method }) => method === 'INVITE');
    expect(told().join()).not.toMatch(/442079460000|Ann/);
    expect(first && header(first, 'from')).toMatch(/^"Ann" <sip:\+?442079460000@/);

    watched.received.length = 0;
    const hidden = carrier.request('INVITE', '914412345678', {
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
      headers: { Privacy: 'id', 'P-Asserted-Identity': '"Ann" <sip:+442079460000@carrier.example>' },
    });
    const invite = await until('the phone to ring', () => watched.received.find(({ method }) => method === 'INVITE'), {
      deadlineMs: 5_000,
    });
    await rig.hush();
    await hidden;
    expect(invite.text).not.toMatch(/442079460000|Ann\b/);
    expect(header(invite, 'from')).toMatch(/anonymous/i);
  });
});

describe('a mailbox', () => {
  const summary = { Event: 'message-summary', Accept: 'application/simple-message-summary' };

  it.each(['acme_1001', '1001', 'acme_1002', 'acme_t-raw', '*97'])('of others cannot be watched by %s', async name => {
    const { final } = await subscribe(name, summary);

    expect(final.code).toBe(404);
  });

  it('tells its own phone how many messages it has as soon as that registers, unasked', async () => {
    const own = await SipClient.open(PORT);
    const auth = rig.credentials('room');
    await own.register(auth.username, { auth });
    const notify = await until(
      'the count to arrive',
      () => own.received.find(one => one.method === 'NOTIFY' && header(one, 'event') === 'message-summary'),
      { deadlineMs: 5_000 },
    );

    expect(notify.body).toContain('Messages-Waiting: no');
    await own.register(auth.username, { auth, expires: 0 });
    await own.close();
  });
});

describe('the carrier', () => {
  it.each(['dialog', 'presence', 'message-summary'])('is told nothing of %s', async event => {
    for (const to of ['1001', 'acme_1001', '+914412345678']) {
      const { final } = await carrier.request('SUBSCRIBE', to, {
        from: '+442079460000',
        headers: { Event: event, Expires: '86400' },
      });
      expect(final.code).toBe(603);
    }
  });
});

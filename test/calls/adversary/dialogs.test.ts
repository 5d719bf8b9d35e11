import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { Rig } from '../rig.ts';
import { RtpEnd } from '../rtp.ts';
import { type Answer, type Dialog, SipClient, type SipMessage } from '../sip.ts';

/** What somebody sends into a call, of his own or of others, and what a call's offer may have beside its audio. */
const PORT = await freePorts();
const CARRIER = '127.0.0.5';
const WORDS = { caller: 0x11, callee: 0x22 };
let rig: Rig;
let jane: SipClient;
let john: SipClient;
let mallory: SipClient;
let carrier: SipClient;
let outsider: SipClient;
const sound: RtpEnd[] = [];

beforeAll(async () => {
  carrier = await SipClient.open(PORT, CARRIER, PORT + 30);
  rig = await Rig.start(PORT, {
    users: {
      jane: { extension: '1001', fullName: 'Jane Roe' },
      john: { extension: '1002', fullName: 'John Doe' },
      mallory: { extension: '1003' },
    },
    trunks: { raw: { servers: [{ name: 'a', host: CARRIER, port: PORT + 30 }] } },
    numbers: { main: { number: '+914412345678', trunk: { name: 'raw' }, destination: { user: { name: 'john' } } } },
  });
  outsider = await SipClient.open(PORT, '127.0.0.99');
  [jane, john, mallory] = [await phone('jane'), await phone('john'), await phone('mallory')];
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([jane, john, mallory, carrier, outsider, ...sound].map(one => one?.close()));
});

beforeEach(async () => {
  await rig.hush();
  for (const client of [jane, john, mallory, carrier]) {
    client.received.length = 0;
    client.reply = () => ({ code: 200, sdp: true });
  }
});

async function phone(user: string): Promise<SipClient> {
  const client = await SipClient.open(PORT);
  const auth = rig.credentials(user);
  await client.register(auth.username, { auth });
  return client;
}

function call(from: 'jane' | 'mallory', client: SipClient, to: string, sdp?: string): Promise<Answer> {
  const auth = rig.credentials(from);
  return client.request('INVITE', to, { from: auth.username, auth, ...(sdp && { sdp }) });
}

/** Jane in a call with John. */
async function established(): Promise<Dialog> {
  const { final, dialog } = await call('jane', jane, '1002');
  expect(final.code).toBe(200);
  if (!dialog) throw new Error('No dialog');
  return dialog;
}

/** One call is up, and no other one. */
async function still(): Promise<void> {
  const shown = await rig.pbx.agent.client?.command('core show channels count');
  expect(shown).toContain('2 active channels');
}

const requests = (client: SipClient, method: string): SipMessage[] =>
  client.received.filter(one => one.method === method);

describe('somebody who knows all about a call of others', () => {
  const tag = (party: string): string => /tag=([^;>\s]+)/.exec(party)?.[1] ?? '';
  const replacing = ({ callId, remote, local }: Dialog): string =>
    `${callId};to-tag=${tag(remote)};from-tag=${tag(local)}`;

  it.each(['a user', 'the carrier', 'an outsider'])('as %s does not take it over by Replaces', async who => {
    const replaces = replacing(await established());
    const client = who === 'a user' ? mallory : who === 'the carrier' ? carrier : outsider;
    const auth = who === 'a user' ? rig.credentials('mallory') : undefined;
    for (const headers of [
      { Replaces: replaces },
      { replaces, Require: 'replaces' },
      { 'REPLACES ': `${replaces};early-only` },
    ]) {
      const from = auth?.username ?? '+442079460000';
      const { final } = await client.request('INVITE', '1002', { from, headers, ...(auth && { auth }) });
      expect(final.code).toBe(401);
    }

    await still();
  });

  it('transfers nobody as the carrier', async () => {
    const auth = { from: '+442079460000', to: '914412345678' };
    const inbound = await carrier.request('INVITE', '914412345678', auth);
    expect(inbound.final.code).toBe(200);
    if (!inbound.dialog) throw new Error('No dialog');
    carrier.received.length = 0;
    const headers = { 'Refer-To': '<sip:00442079460001@127.0.0.1>' };
    const { final } = await carrier.within(inbound.dialog, 'REFER', { headers });

    expect(final.code).toBe(603);
    expect(requests(carrier, 'INVITE')).toEqual([]);
  });
});

describe('a phone in a call', () => {
  it.each([
    ['OPTIONS', 200, {}],
    ['UPDATE', 200, {}],
    ['INFO', 200, {}],
    ['MESSAGE', 202, { body: { type: 'text/plain', text: 'on my way' } }],
    ['MESSAGE', 415, {}],
    ['REFER', 400, {}],
  ])('that sends %s is answered %i', async (method, code, options) => {
    const dialog = await established();
    const { final } = await jane.within(dialog, method, options);

    expect(final.code).toBe(code);
    await still();
  });

  it('writes to whom she talks to, and to nobody when she is in no call', async () => {
    const body = { type: 'text/plain', text: 'on my way' };
    const auth = rig.credentials('jane');
    const outside = await jane.request('MESSAGE', '1002', { from: auth.username, auth, body });
    await jane.within(await established(), 'MESSAGE', { body });
    await until('the text to arrive', () => requests(john, 'MESSAGE')[0], { deadlineMs: 5_000 });

    expect(outside.final.code).toBe(404);
    expect(requests(john, 'MESSAGE').map(one => one.body)).toEqual(['on my way']);
  });
});

describe('an offer of audio and T.38, which a carrier makes for every call', () => {
  const FAX = 'm=image 40002 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400';
  const offers = (port: number, fax?: 'first' | 'last', audio = true): string =>
    [
      'v=0',
      `o=- 1 1 IN IP4 ${CARRIER}`,
      's=-',
      `c=IN IP4 ${CARRIER}`,
      't=0 0',
      ...(fax === 'first' ? [FAX] : []),
      ...(audio ? [`m=audio ${port} RTP/AVP 8 101`, 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000'] : []),
      ...(fax === 'last' ? [FAX] : []),
      '',
    ].join('\r\n');

  async function end(): Promise<RtpEnd> {
    const opened = await RtpEnd.open(CARRIER);
    sound.push(opened);
    return opened;
  }

  /** Each hears what the other one says. */
  async function heard(caller: RtpEnd, callee: RtpEnd, answer: SipMessage): Promise<void> {
    caller.say(WORDS.caller, answer.body);
    callee.say(WORDS.callee, requests(john, 'INVITE')[0]?.body ?? '');
    await until(
      'both to be heard',
      () => ((caller.words.get(WORDS.callee) ?? 0) > 5 && (callee.words.get(WORDS.caller) ?? 0) > 5) || undefined,
      { deadlineMs: 10_000 },
    );
    caller.hush();
    callee.hush();
  }

  it.each([
    ['from outside', 'first'],
    ['from outside', 'last'],
    ['from phone to phone', 'first'],
    ['from phone to phone', 'last'],
  ] as const)('has sound %s, with T.38 %s', async (from, fax) => {
    const [caller, callee] = [await end(), await end()];
    john.reply = () => ({ code: 200, sdp: offers(callee.port) });
    const sdp = offers(caller.port, fax);
    const { final } =
      from === 'from outside'
        ? await carrier.request('INVITE', '914412345678', { from: '+442079460000', sdp })
        : await call('jane', jane, '1002', sdp);

    expect(final.code).toBe(200);
    expect(final.body).toMatch(/^m=image 0 /m);
    await heard(caller, callee, final);
  });

  it('has the prompts of the voicemail', async () => {
    const caller = await end();
    const { final } = await call('jane', jane, '*97', offers(caller.port, 'last'));
    expect(final.code).toBe(200);
    caller.say(WORDS.caller, final.body);
    await until('a prompt to be heard', () => caller.heard > 5 || undefined, { deadlineMs: 10_000 });
    caller.hush();
  });

  it('is no reason to lose a call that has none: a fax alone is refused and the talk goes on', async () => {
    const [caller, callee] = [await end(), await end()];
    john.reply = () => ({ code: 200, sdp: offers(callee.port) });
    const { final, dialog } = await carrier.request('INVITE', '914412345678', {
      from: '+442079460000',
      sdp: offers(caller.port),
    });
    if (!dialog) throw new Error(`No call: ${final.start}`);
    const fax = await carrier.within(dialog, 'INVITE', { sdp: offers(caller.port, 'last', false) });
    expect(fax.final.code).toBe(488);
    await heard(caller, callee, final);
  });
});

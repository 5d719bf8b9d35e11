import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startedAt } from '../../../src/agent/ami/queries.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { type Answer, type Dialog, header, type Reply, SipClient, type SipMessage } from '../sip.ts';
import { House, invites } from './house.ts';
import {
  anything,
  type Case,
  numberIn,
  OFFERS,
  type Redirect,
  type Registration,
  type Request,
  type Transfer,
  users,
  WORLD,
} from './sip-grammar.ts';

/**
 * I am a phone that may call inside only, a carrier, or nobody at all, and say whatever SIP can say (`sip-grammar.ts`).
 * What my permissions do not give me must not happen: nobody pays for a call of mine, and nobody is rung who was not
 * called. `RINGFLEET_FUZZ_SEED` repeats a run, `RINGFLEET_FUZZ_MINUTES` goes on for so long.
 */
const MINUTES = Number(process.env['RINGFLEET_FUZZ_MINUTES'] ?? 0);
const SEED = Number(process.env['RINGFLEET_FUZZ_SEED'] ?? (MINUTES > 0 ? systemClock.now() % 2 ** 31 : 1_126));
const CASES = 150;
/** Between two looks at whether everybody can still call and be called. */
const ROUND = 30;
/** Answers to honest requests after which one that has had none is not on its way: Asterisk has not even read it. */
const LATER_ANSWERS = 10;
const BUSY: Reply = { code: 486 };
const TAKEN: Reply = { code: 200, sdp: true };

const EMERGENCY = ['112', '911', '100', '101', '102', '108'];
const DIRECT = '914412345679';
const MAIN = ['914412345678', '04412345678', '4412345678'];

let house: House;
let outsider: SipClient;
/** Asks what anybody may, to see that Asterisk has worked off what came before. */
let bystander: SipClient;
let started = '';
let cases = 0;
/** Which case is at it. */
let turn = 0;
/** What came of it, so that this is no test of packets that nobody reads. */
const seen = { answered: 0, emergencies: 0, rung: 0, registered: 0, transferred: 0 };

beforeAll(async () => {
  const voicemail = { enabled: false };
  house = await House.open({
    users: {
      jane: { extension: '1001', fullName: 'Jane Roe', voicemail },
      john: { extension: '1002', fullName: 'John Doe', voicemail },
    },
    numbers: { direct: { number: `+${DIRECT}`, destination: { user: { name: 'zoe' } } } },
  });
  outsider = await SipClient.open(house.port, '127.0.0.99');
  bystander = await SipClient.open(house.port, '127.0.0.98');
  started = await asked();
});

afterAll(async () => {
  await house?.close();
  await Promise.all([outsider?.close(), bystander?.close()]);
});

/** The Asterisk that there is. */
async function asked(): Promise<string> {
  const { client } = house.rig.pbx.agent;
  return client ? startedAt(client) : 'none';
}

function fill(text: string): string {
  const { carrier } = house;
  const zoe = house.phone('zoe');
  return text
    .replaceAll('{pbx}', `127.0.0.1:${house.port}`)
    .replaceAll('{phone}', `${zoe.address}:${zoe.port}`)
    .replaceAll('{carrier}', `${carrier.address}:${carrier.port}`);
}

function filled(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)]));
}

/** The answer to what one of us asked; undefined: Asterisk gave none, or the call rings on. */
async function answer(client: SipClient, asking: Promise<Answer>): Promise<Answer | undefined> {
  const before = client.answered;
  const mine = turn;
  const given = asking.catch(() => undefined);
  const unread = async (): Promise<Answer | undefined> => {
    for (let i = 0; i < LATER_ANSWERS && client.answered === before; i++)
      await bystander.request('OPTIONS', '1002', { from: 'jane' });
    return client.answered === before ? undefined : given;
  };
  const final = await Promise.race([given, unread()]);
  if (turn === mine) client.forget(); // if it comes after all, it leads to nothing
  if (final) seen.answered++;
  return final;
}

function clientOf(who: Case['who']): SipClient {
  return { phone: house.phone('zoe'), trunk: house.carrier, outsider }[who];
}

function dialog(who: Case['who'], uri: string, from: string, to: string): Dialog {
  const auth = house.rig.credentials('zoe');
  const user = { phone: auth.username, trunk: '+442079460000', outsider: 'acme_1001' }[who];
  const token = randomBytes(6).toString('hex');
  return {
    callId: `g${token}`,
    local: `${from || `<sip:${user}@127.0.0.1>`};tag=${token}`,
    remote: to || `<${uri}>`,
    target: uri,
    cseq: 1,
    ...(who === 'phone' && { auth }),
  };
}

const PATIENCE = { deadlineMs: 3_000 };

async function ask(one: Request): Promise<void> {
  const client = clientOf(one.who);
  const sdp = one.method === 'INVITE' && OFFERS[one.sdp as keyof typeof OFFERS];
  const call = dialog(one.who, fill(one.uri), fill(one.from), fill(one.to));
  const got = await answer(client, client.within(call, one.method, { ...PATIENCE, headers: filled(one.headers), sdp }));
  if (got?.dialog) await answer(client, client.within(got.dialog, 'BYE', PATIENCE));
}

async function register(one: Registration): Promise<void> {
  const client = clientOf(one.who);
  const own = house.rig.credentials('zoe');
  const { username } = house.rig.credentials(one.of);
  const address = `<sip:${username}@127.0.0.1>`;
  const call = dialog(one.who, `sip:127.0.0.1:${house.port}`, address, address);
  const headers = { Contact: fill(one.contacts.join(', ')), Expires: '120' };
  const got = await answer(client, client.within(call, 'REGISTER', { ...PATIENCE, headers }));
  if (got?.final.code === 200) seen.registered++;
  if (got && (one.who === 'outsider' || username !== own.username)) expect(got.final.code).toBeGreaterThanOrEqual(400);
  await answer(house.phone('jane'), house.dial('jane', one.of === 'zoe' ? '1003' : '1002', PATIENCE));
  await house.rig.hush();
  await enter('zoe');
}

/** Says where a phone really is. */
async function enter(name: string): Promise<void> {
  const auth = house.rig.credentials(name);
  expect((await house.phone(name).register(auth.username, { auth })).final.code).toBe(200);
}

async function redirect(one: Redirect): Promise<void> {
  const headers = { ...filled(one.headers), Contact: fill(one.contacts.join(', ')) };
  const client = clientOf(one.who);
  const before = client.repeated;
  client.reply = () => ({ code: one.code, headers });
  const jane = house.phone('jane');
  const calling =
    one.who === 'trunk'
      ? answer(jane, house.dial('jane', WORLD, PATIENCE))
      : one.caller === 'inside'
        ? answer(jane, house.dial('jane', '1003', PATIENCE))
        : answer(house.carrier, house.inbound(DIRECT, PATIENCE));
  const unread = until('to be asked again', () => client.repeated > before || undefined, { ...PATIENCE, everyMs: 20 });
  await Promise.race([calling, unread.catch(() => undefined)]); // one that Asterisk cannot read is asked for again
}

async function transfer(one: Transfer): Promise<void> {
  const client = clientOf(one.who);
  const peer = house.phone(one.who === 'phone' ? 'jane' : 'john');
  peer.reply = () => {
    peer.reply = () => BUSY;
    return TAKEN;
  };
  const calling = one.who === 'phone' ? house.dial('zoe', '1001') : house.inbound('914412345678');
  const { dialog: call } = await calling;
  if (!call) throw new Error('There is no call to transfer');
  const tag = (party: string): string => /tag=([^;>]+)/.exec(party)?.[1] ?? '';
  const own = `${call.callId}%3Bto-tag%3D${tag(call.remote)}%3Bfrom-tag%3D${tag(call.local)}`;
  const headers = { ...filled(one.headers), 'Refer-To': fill(one.referTo).replace('{call}', own) };
  const got = await answer(client, client.within(call, 'REFER', { ...PATIENCE, headers }));
  const told = (): boolean => client.received.some(({ body }) => /^SIP\/2\.0 [2-6]/.test(body)); // by NOTIFY
  if (got?.final.code === 202) {
    seen.transferred++;
    const wait = { ...PATIENCE, everyMs: 10 };
    await until('the transfer to be made or refused', () => told() || undefined, wait).catch(() => undefined); // it hangs
  }
  await answer(client, client.within(call, 'BYE', PATIENCE));
}

/** Calls that began there, by the number that they asked for. */
function begun(client: SipClient): SipMessage[] {
  return invites(client).filter(one => !/;tag=/.test(header(one, 'to') ?? ''));
}

/** The texts of a case that may say who is called. */
function called(one: Case): string[] {
  // Asterisk 22 takes a History-Info in the answer, if there is one, for where the phone redirects to (measured)
  if (one.kind === 'redirect') return [...one.contacts, one.headers['History-Info'] ?? ''];
  if (one.kind === 'transfer') return one.who === 'phone' ? [one.referTo, 'sip:1001@'] : ['sip:914412345678@'];
  if (one.kind === 'register') return [one.of === 'zoe' ? 'sip:1003@' : 'sip:1002@'];
  return one.who === 'trunk' ? [one.uri, one.to, one.headers['P-Called-Party-ID'] ?? ''] : [one.uri];
}

function meant(one: Case): string[] {
  const numbers = called(one).flatMap(users).map(numberIn);
  const dials = one.who === 'phone' && (one.kind === 'request' || one.kind === 'transfer');
  return numbers.flatMap(number => {
    if (number === undefined) return [];
    return dials ? number.replace(/^([+]?[0-9]+)#$/, '$1') : number; // many phones send the key that ends a number
  });
}

/** Only who dialled an emergency number, or sent the other side of her own call there, calls it. */
function mayLeave(one: Case): string[] {
  if (one.who !== 'phone' || one.kind === 'redirect' || one.kind === 'register') return [];
  if (one.kind === 'request' && one.method !== 'INVITE') return [];
  return meant(one).filter(number => EMERGENCY.includes(number));
}

function mayRing(one: Case, extension: string): boolean {
  if (one.who === 'outsider' && one.kind === 'request') return false;
  const fromOutside = one.who === 'trunk' && one.kind === 'request';
  const main = meant(one).some(number => MAIN.includes(number.replace(/^([+]|00)/, '')));
  return (extension === '1002' && main) || (!fromOutside && meant(one).includes(extension));
}

function evaluate(one: Case): void {
  const left = begun(house.carrier).map(({ start }) => users(start)[0] ?? start);
  seen.emergencies += left.length;
  if (one.kind === 'redirect' && one.who === 'trunk')
    expect(left.length).toBeLessThanOrEqual(1); // jane's own call
  else expect(left.filter(number => !mayLeave(one).includes(number))).toEqual([]);
  for (const [name, extension] of [
    ['jane', '1001'],
    ['john', '1002'],
  ] as const) {
    const rung = begun(house.phone(name)).map(({ text }) => text);
    seen.rung += rung.length;
    if (!mayRing(one, extension)) expect(rung).toEqual([]);
  }
}

async function attempt(one: Case): Promise<void> {
  try {
    if (one.kind === 'request') await ask(one);
    else if (one.kind === 'register') await register(one);
    else if (one.kind === 'redirect') await redirect(one);
    else await transfer(one);
    await house.silent(500).catch(() => undefined); // what still rings or talks is ended below
    evaluate(one);
  } finally {
    await house.quiet(); // no channel is left, else this fails
    for (const who of ['phone', 'trunk', 'outsider'] as const) clientOf(who).forget();
    for (const name of ['jane', 'john']) house.phone(name).forget();
    turn++; // a case that gave up waiting for an answer takes none of the next one's away
  }
}

/** It is the same Asterisk, nobody was thrown out, and everybody can be called, from inside and from outside. */
async function unharmed(): Promise<void> {
  expect(await asked()).toBe(started);
  expect(house.rig.pbx.report.quarantined).toEqual([]);
  await house.dial('jane', '1002');
  await house.inbound('914412345678');
  await house.dial('john', '1003');
  await house.dial('john', '1001');
  expect(['john', 'zoe', 'jane'].map(name => house.rang(name).length)).toEqual([2, 1, 1]);
  await house.quiet();
  for (const name of ['jane', 'john']) await enter(name); // as phones do, before it is over
}

it(
  `whatever is said, nobody calls who may not (RINGFLEET_FUZZ_SEED=${SEED})`,
  async () => {
    console.log(`Said by a grammar with RINGFLEET_FUZZ_SEED=${SEED}`);
    const property = fc.asyncProperty(anything, async one => {
      await attempt(one);
      if (++cases % ROUND === 0) await unharmed();
    });
    const end = systemClock.monotonic() + MINUTES * 60_000;
    for (let seed = SEED; seed === SEED || systemClock.monotonic() < end; seed++)
      await fc.assert(property, { seed, numRuns: CASES });
    await unharmed();
    console.log(`Of ${cases} cases: ${JSON.stringify(seen)}`);
    expect(cases).toBeGreaterThanOrEqual(CASES);
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  },
  MINUTES * 60_000 + 180_000,
);

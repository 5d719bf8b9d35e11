import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { plain } from '../../../src/agent/ami/plain.ts';
import { startedAt } from '../../../src/agent/ami/queries.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { problem } from '../../problem.ts';
import { freePorts } from '../ports.ts';
import { Rig } from '../rig.ts';
import { type Dialog, SipClient } from '../sip.ts';
import { type Saying, Voice } from './voice.ts';

/**
 * We are a phone with credentials, a carrier and a stranger, and put into every header, parameter, name, number and line
 * of SDP what may mean something to whoever reads it: line breaks, separators, controls, lines of Asterisk's log, of its
 * manager and of its dialplan. What the agent believes must stay what is: our calls, our contacts, everybody in.
 */
const PORT = await freePorts();
const MINUTES = Number(process.env['RINGFLEET_FUZZ_MINUTES'] ?? 0);
const SEED = Number(
  process.env['RINGFLEET_FUZZ_SEED'] ?? (MINUTES > 0 ? Math.trunc(systemClock.now() / 1_000) : 1_126),
);
const BATCHES = 8;
const EACH = 15;
const IDLE_MS = 200;

let rig: Rig;
let honest: SipClient;
let john: SipClient;
/** One of somebody else, which is up all the while. */
let call: Dialog | undefined;
let phone: Voice;
let carrier: Voice;
let stranger: Voice;
let started: string;

beforeAll(async () => {
  carrier = await Voice.open(PORT, '127.0.0.5', PORT + 30);
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } }, limits: { concurrentCalls: 60 } },
    users: {
      jane: { extension: '1001' },
      john: { extension: '1002' },
      mallory: { extension: '1003', permissions: { dial: ['Internal'] } },
      zoe: { extension: '1004' },
    },
    numbers: { main: { number: '+914412345678', destination: { user: { name: 'john' } } } },
    trunks: { raw: { servers: [{ name: 'a', host: '127.0.0.5', port: PORT + 30 }], health: { optionsSeconds: 0 } } },
  });
  phone = await Voice.open(PORT, '127.0.0.6', 0, rig.credentials('mallory'));
  stranger = await Voice.open(PORT, '127.0.0.9');
  [honest, john] = [await SipClient.open(PORT), await SipClient.open(PORT)];
  for (const [client, name] of [
    [honest, 'jane'],
    [john, 'john'],
  ] as const) {
    const auth = rig.credentials(name);
    await client.register(auth.username, { auth });
    client.reply = () => ({ code: 200, sdp: true });
  }
  started = await asked();
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([honest, john, phone, carrier, stranger].map(one => one?.close()));
});

const WORDS = [
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\r',
  '%0d%0a',
  '%0D%0A%0D%0A',
  '%0a',
  '%00',
  '\t',
  '\u0000',
  '\u001b[2J',
  '\u0007',
  '\u007f',
  '\u202e',
  '\u2028',
  '\u0085',
  'ÿ',
  '&',
  ',',
  ';',
  '|',
  '/',
  '\\',
  '"',
  "'",
  '<',
  '>',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '!',
  '@',
  '=',
  '?',
  '#',
  '*',
  '+',
  '%',
  '$',
  ':',
  ' ',
  '^',
  '`',
  '1002',
  'acme_1002',
  'acme_t-raw',
  '00442079460000',
  '${SHELL(id)}',
  '${EXTEN}',
  '$[1+1]',
  'Local/1002@from-user',
  '__proto__',
  ';tag=x',
  ';transport=tcp',
  ';line=x',
  'EventList: Complete',
  'ListItems: 0',
  'Event: CoreShowChannelsComplete',
  'Response: Error',
  'Message: No such channel',
  'Event: ContactStatus',
  'Event: AttendedTransfer',
  'ActionID: 1',
  'Channel: PJSIP/x-1',
  'Linkedid: x',
  'Output: x',
  '--END COMMAND--',
  'Asterisk Call Manager/1',
  "] ERROR[1] pbx.c: 'acme_1002' is bad",
  '[2026-11-24 13:45:46.357] ERROR[1] config.c: parse error',
  problem('pbx.c', "'acme_1002' is bad"),
  problem('config.c', 'parse error, line 3 of /x/pjsip_endpoint.conf'),
  'a=rtpmap:0 PCMU/8000',
  'm=audio 0 RTP/AVP 0',
  'c=IN IP4 0.0.0.0',
  'sip:1002@127.0.0.1',
  'tel:112',
  'é'.repeat(80),
  'A'.repeat(300),
];

const text = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 6 })), { minLength: 1, maxLength: 5 }),
    fc.boolean(),
  )
  .map(([words, escaped]) => (escaped ? words.map(word => encode(word)).join('') : words.join('')));

/** As a URI holds it: decoded it is what was meant. */
function encode(word: string): string {
  return word.startsWith('%')
    ? word
    : encodeURIComponent(word.toWellFormed()).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16)}`);
}

const PLACES = [
  'nothing',
  'from-name',
  'from-user',
  'from-parameter',
  'to-name',
  'to-user',
  'uri-user',
  'uri-parameter',
  'call-id',
  'contact-name',
  'contact-user',
  'contact-host',
  'contact-parameter',
  'contact-header',
  'sdp-session',
  'sdp-origin',
  'sdp-attribute',
  'sdp-address',
  'sdp-media',
  'User-Agent',
  'P-Asserted-Identity',
  'P-Preferred-Identity',
  'Remote-Party-ID',
  'Diversion',
  'History-Info',
  'Privacy',
  'Subject',
  'Alert-Info',
  'Call-Info',
  'Referred-By',
  'Replaces',
  'Reason',
  'Route',
  'Record-Route',
  'Path',
  'Supported',
  'Require',
  'Accept',
  'Content-Type',
  'Event',
  'Expires',
  'Date',
  'Identity',
  'X-Anything',
  'P-Charging-Vector',
  'Session-Expires',
  'Authorization',
] as const;
const METHODS = [
  ...Array.from({ length: 14 }, () => 'INVITE'),
  ...Array.from({ length: 8 }, () => 'REGISTER'),
  ...['OPTIONS', 'SUBSCRIBE', 'MESSAGE', 'PUBLISH', 'INFO', 'NOTIFY', 'REFER', 'UPDATE', 'BYE', 'PRACK', 'FOO'],
];

const attempt = fc.record({
  who: fc.constantFrom('phone', 'phone', 'carrier', 'carrier', 'stranger'),
  method: fc.constantFrom(...METHODS),
  places: fc.array(fc.tuple(fc.constantFrom(...PLACES), text), { minLength: 1, maxLength: 2 }),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer Value> ? Value : never;

let number = 0;
/** How much of it came through, so that this is no test of packets that nobody reads. */
const through = { calls: 0, contacts: 0 };

function saying({ who, method, places }: Attempt, voice: Voice): Saying {
  const said = new Map<string, string>(places);
  const at = (place: string, otherwise = ''): string => said.get(place) ?? otherwise;
  const user = { phone: rig.credentials('mallory').username, carrier: '+442079460000', stranger: 'acme_1002' }[who];
  const called = method === 'REGISTER' ? '' : `${at('uri-user', who === 'carrier' ? '914412345678' : '1002')}@`;
  const name = (place: string): string => (said.has(place) ? `"${at(place)}" ` : '');
  const parameter = (place: string): string => (said.has(place) ? `;x=${at(place)}` : '');
  const contact = `sip:${at('contact-user', 'x')}@${at('contact-host', `${voice.address}:${voice.port}`)}${parameter('contact-parameter')}`;
  const headers: [string, string][] = [
    ['Contact', `${name('contact-name')}<${contact}${said.has('contact-header') ? `?x=${at('contact-header')}` : ''}>`],
  ];
  if (method === 'REGISTER' && !said.has('Expires')) headers.push(['Expires', '120']);
  if (method === 'INVITE' && !said.has('Content-Type')) headers.push(['Content-Type', 'application/sdp']);
  for (const [place, value] of said) if (/^[A-Z]/.test(place)) headers.push([place, value]);
  return {
    method,
    uri: `sip:${called}127.0.0.1:${PORT}${parameter('uri-parameter')}`,
    from: `${name('from-name')}<sip:${at('from-user', user)}@127.0.0.1${parameter('from-parameter')}>;tag=f${number++}`,
    to: `${name('to-name')}<sip:${at('to-user', method === 'REGISTER' ? user : '1002')}@127.0.0.1>`,
    callId: `${at('call-id')}f${process.pid}-${number}`,
    headers,
    body: method === 'INVITE' ? sdp(at, voice.address) : '',
  };
}

function sdp(at: (place: string, otherwise?: string) => string, address: string): string {
  return [
    'v=0',
    `o=${at('sdp-origin', '-')} 1 1 IN IP4 ${address}`,
    `s=${at('sdp-session', '-')}`,
    `c=IN IP4 ${at('sdp-address', address)}`,
    't=0 0',
    `m=audio 40000 RTP/AVP 8 101${at('sdp-media')}`,
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    `a=${at('sdp-attribute', 'sendrecv')}`,
    '',
  ].join('\r\n');
}

/** The Asterisk that there is. */
async function asked(): Promise<string> {
  const { client } = rig.pbx.agent;
  return client ? startedAt(client) : 'none';
}

/** What is sent is worked off: an honest question is answered, and nobody has heard anything for a while. */
async function workedOff(): Promise<void> {
  await honest.request('OPTIONS', '1002', { from: 'jane' });
  const isQuiet = (): true | undefined => {
    const last = Math.max(...[phone, carrier, stranger].map(({ heardAtMs }) => heardAtMs));
    return systemClock.monotonic() - last > IDLE_MS || undefined;
  };
  await until('the PBX to be quiet', isQuiet, { deadlineMs: 30_000, everyMs: 20 });
}

/** What is true, by those who call and by a number that nobody can write into. */
async function truth() {
  const counted = (await rig.pbx.agent.client?.command('core show channels count')) ?? '';
  return {
    calls: (call ? 1 : 0) + phone.up.size + carrier.up.size + stranger.up.size,
    channels: Number(/^(\d+) active channel/m.exec(counted)?.[1]),
    contacts: phone.contacts.map(uri => plain(uri, 512)).sort(),
  };
}

async function agrees(what: string): Promise<void> {
  const aor = rig.credentials('mallory').username;
  const believed = () => {
    const { calls, channels, contacts } = rig.pbx.report;
    return { calls, channels, contacts: (contacts[aor] ?? []).map(({ uri }) => uri).sort() };
  };
  let [is, seen] = ['', ''];
  const same = async (): Promise<true | undefined> => {
    [is, seen] = [JSON.stringify(await truth()), JSON.stringify(believed())];
    return (rig.pbx.report.observed && is === seen) || undefined;
  };
  await until(`the agent to agree ${what}`, same, { deadlineMs: 20_000 }).catch((cause: unknown) => {
    throw new Error(`It is ${is}, and the agent says ${seen}`, { cause });
  });
}

/** Everybody is in, the bundle is in force, the Asterisk is the same, and nobody reached the world. */
async function unharmed(): Promise<void> {
  const { bundle, quarantined, trunks } = rig.pbx.report;
  expect([quarantined, bundle.error, bundle.loaded]).toEqual([[], undefined, bundle.seen]);
  expect(trunks).toEqual({ 'acme_t-raw': { registration: 'Unknown', reachable: 'Unknown' } });
  expect(await asked()).toBe(started);
  expect(carrier.rung).toBe(0);
}

async function batch(seed: number): Promise<void> {
  const auth = rig.credentials('jane');
  call = (await honest.request('INVITE', '1002', { from: auth.username, auth })).dialog;
  const attempts = fc.sample(attempt, { seed, numRuns: EACH });
  const voices = { phone, carrier, stranger };
  for (const one of attempts) voices[one.who].say(saying(one, voices[one.who]));
  await rig.edit(() => rig.put('SipUser', 'zoe', { extension: '1004', fullName: `Zoe ${seed} ${number}` }));
  const user = rig.credentials('mallory').username;
  const from = `<sip:${user}@127.0.0.1>;tag=q${number++}`;
  const ask = {
    uri: `sip:127.0.0.1:${PORT}`,
    from,
    to: `<sip:${user}@127.0.0.1>`,
    callId: `q${process.pid}-${number}`,
  };
  phone.say({ method: 'REGISTER', ...ask, headers: [], body: '' }); // only asks which contacts there are
  await workedOff();
  await agrees('while calls are up');
  through.calls += phone.up.size + carrier.up.size;
  through.contacts += phone.contacts.length;
  for (const voice of [phone, carrier, stranger]) {
    voice.hangUp();
    voice.forget();
  }
  await agrees('when they are over and an honest one is not');
  await honest.hangUp(call);
  call = undefined;
  await agrees('when there is none');
  await unharmed();
}

it(
  `an agent that nobody can tell anything (RINGFLEET_FUZZ_SEED=${SEED})`,
  async () => {
    console.log(`Fuzzed with RINGFLEET_FUZZ_SEED=${SEED}`);
    const end = systemClock.monotonic() + MINUTES * 60_000;
    for (let seed = SEED; seed < SEED + BATCHES || systemClock.monotonic() < end; seed++) {
      await batch(seed).catch((cause: unknown) => {
        throw new Error(`RINGFLEET_FUZZ_SEED=${seed}: ${String(cause)}`, { cause });
      });
    }
    console.log(`Calls that came through: ${through.calls}; contacts: ${through.contacts}`);
    expect(Math.min(through.calls, through.contacts)).toBeGreaterThan(0);
  },
  MINUTES * 60_000 + 180_000,
);

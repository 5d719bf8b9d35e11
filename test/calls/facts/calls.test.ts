import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hangUpAll, hangUpChannel, ownerOf } from '../../../src/agent/ami/actions.ts';
import { recount } from '../../../src/agent/live/recount.ts';
import { renderEngine } from '../../../src/core/dialplan/engine.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import type { Call } from '../../../src/standalone/phones/call.ts';
import { type Phone, PhoneBank } from '../../../src/standalone/phones/phone-bank.ts';
import { freePorts } from '../ports.ts';
import { SipClient } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/** What becomes of a call: who rings, what Dial says of it afterwards, how it is counted and ended. */
const PORT = await freePorts();
const IDS = ['a_1', 'a_12', 'a_2', 'a_3'];
const SAY = 'Set(GLOBAL(SAID)=${DIALSTATUS} ${HANGUPCAUSE} ${PJSIP_DIAL_CONTACTS(a_2)})';
const DIALPLAN = `[general]
[globals]
[c]
exten => all,1,Dial(\${PJSIP_DIAL_CONTACTS(a_1)},10)
exten => plain,1,Dial(PJSIP/a_1,10)
exten => _try!,1,Dial(\${PJSIP_DIAL_CONTACTS(a_2)},\${EXTEN:3})
 same => n,${SAY}
 same => n,Hangup(17)
exten => direct,1,Dial(PJSIP/a_2,1)
 same => n,${SAY}
 same => n,Hangup(17)
exten => _calls!,1,Set(GROUP(calls)=all)
 same => n,Dial(\${PJSIP_DIAL_CONTACTS(a_\${EXTEN:5})},10,b(leg^s^1(carrier)))
exten => full,1,Progress()
 same => n,Playback(beep,noanswer)
 same => n,Hangup(34)
exten => gate,1,Set(PJSIP_HEADER(add,Retry-After)=120)
 same => n,Hangup(42)
[leg]
exten => s,1,Set(GROUP(trunk)=\${ARG1})
 same => n,Return()
`;
/** A contact that answers no more is found out within three seconds; a busy test answers within one. */
const WATCHED = 'qualify_frequency=1\nqualify_timeout=1.5\n';
/** Endpoints whose channels say whose they are. */
const owned = (of: string): string =>
  userFiles(...IDS)['pjsip_endpoint.conf'].replace(/\[(a_\d+)\]\n/g, `$&set_var=RF_OWNER=${of} $1\n`);
let asterisk: BareAsterisk;
let bank: PhoneBank;
const phones = new Map<string, Phone>();

beforeAll(async () => {
  const files = userFiles(...IDS);
  const aors = files['pjsip_aor.conf'].replace('[a_2]\ntype=aor\n', `$&${WATCHED}`);
  asterisk = await BareAsterisk.create(PORT);
  bank = new PhoneBank({
    installation: asterisk.installation,
    directory: join(asterisk.places.spool, '../phones'),
    address: '127.0.0.2',
    sipPort: PORT + 10,
    managerPort: PORT + 1,
    rtp: { start: 21_000, end: 21_400 },
    clock: systemClock,
  });
  const changed = { 'pjsip_aor.conf': aors, 'pjsip_endpoint.conf': owned('of') };
  await Promise.all([asterisk.boot({ ...files, ...changed, 'extensions.conf': DIALPLAN }), bank.start()]);
  const owners = { desk: 'a_1', mobile: 'a_1', twelve: 'a_12', three: 'a_3' };
  for (const [at, [name, id]] of Object.entries(owners).entries()) {
    const phone = await bank.add({ name, ...login(id), server: '127.0.0.1', port: PORT, hz: 440 + 150 * at });
    phones.set(name, phone);
  }
  await Promise.all([...phones.values()].map(phone => phone.registered()));
});

afterAll(async () => {
  await bank?.stop();
  await asterisk?.remove();
});

beforeEach(async () => {
  await hangUpAll(asterisk.client);
  await until('all calls to be over', async () => (await channels()).length === 0 || undefined, {
    deadlineMs: 5_000,
    everyMs: 20,
  });
  for (const name of phones.keys()) bank.forget(name);
});

function phone(name: string): Phone {
  const found = phones.get(name);
  if (!found) throw new Error(`There is no phone ${name}`);
  return found;
}

/** Names of the PBX's channels, of all endpoints or of one. */
async function channels(of = ''): Promise<string[]> {
  const rows = await asterisk.client.list('CoreShowChannels');
  return rows.map(row => row['Channel'] ?? '').filter(name => name.startsWith(`PJSIP/${of}`));
}

async function counted(group: string): Promise<number> {
  return Number(await asterisk.value(`GROUP_COUNT(${group})`));
}

/** A call from one phone to another, which hear each other. */
async function talking(from: string, to: string, number: string): Promise<void> {
  const call = await phone(from).call(number);
  await talk([call, from], [await arrives(to), to]);
}

async function arrives(name: string): Promise<Call> {
  const { call } = await phone(name).incoming(5_000);
  return call;
}

/** Both hear each other: there is a call, whatever anybody says. */
async function talk(one: [Call, string], other: [Call, string]): Promise<void> {
  await Promise.all([one[0].hears(phone(other[1]).account.hz), other[0].hears(phone(one[1]).account.hz)]);
}

describe('a user with two phones', () => {
  it.each([
    ['plain', 1],
    ['all', 2],
  ])('rings at %s %i of them: the engine dials contacts (T7)', async (number, ringing) => {
    for (const name of ['desk', 'mobile']) await phone(name).setManner('ring');
    await phone('twelve').call(number);
    const ring = async (): Promise<true | undefined> => {
      const rows = await asterisk.client.list('CoreShowChannels');
      return rows.some(row => row['ChannelStateDesc'] === 'Ringing') || undefined;
    };
    await until('a phone to ring', ring, { deadlineMs: 5_000, everyMs: 20 });

    expect(await channels('a_1-')).toHaveLength(ringing);
    for (const name of ['desk', 'mobile']) await phone(name).setManner('answer');
  });
});

describe('a count by group', () => {
  it('is of callers only, and of a trunk’s leg by the routine of that leg (T15, §2a)', async () => {
    await talking('desk', 'twelve', 'calls12');

    expect(await channels()).toHaveLength(2);
    expect(await counted('all@calls')).toBe(1);
    expect(await counted('carrier@trunk')).toBe(1);
    expect(await asterisk.value('NO_SUCH_LIMIT')).toBe(''); // a limit that is not rendered lets everybody pass
  });

  it('loses two called ones who talk to each other: the agent counts one of them again (T15)', async () => {
    const first = await phone('desk').call('calls12');
    const twelve = await arrives('twelve');
    const second = await phone('mobile').call('calls3');
    const three = await arrives('three');
    await Promise.all([first.hears(phone('twelve').account.hz), second.hears(phone('three').account.hz)]);
    expect(await counted('all@calls')).toBe(2);
    const [one = '', other = ''] = [...(await channels('a_12-')), ...(await channels('a_3-'))];
    await asterisk.client.action('Bridge', { Channel1: one, Channel2: other });

    await Promise.all([first.ended(), second.ended()]);
    await talk([twelve, 'twelve'], [three, 'three']);
    expect(await counted('all@calls')).toBe(0);
    await recount(asterisk.client);
    expect(await counted('all@calls')).toBe(1);
  });
});

describe('a call', () => {
  it('is ended by the exact name of its channel, and each end of it says whose it is (T16, §2l)', async () => {
    await talking('twelve', 'three', 'calls3');
    await phone('desk').call('all');
    await until('another call', async () => (await channels('a_1-')).length > 1 || undefined, { deadlineMs: 5_000 });
    const [twelve = '', three = ''] = [...(await channels('a_12-')), ...(await channels('a_3-'))];
    expect([await ownerOf(asterisk.client, twelve), await ownerOf(asterisk.client, three)]).toEqual([
      'of a_12',
      'of a_3',
    ]);

    await hangUpChannel(asterisk.client, twelve.slice(0, -1)); // not by a part of it
    for (const channel of await channels('a_1-')) await hangUpChannel(asterisk.client, channel);
    await until('the other call to end', async () => (await channels('a_1-')).length === 0 || undefined, {
      deadlineMs: 5_000,
    });
    expect(await channels('a_12-')).toEqual([twelve]);
    await hangUpChannel(asterisk.client, twelve);
    await until('the call to end', async () => (await channels()).length === 0 || undefined, { deadlineMs: 5_000 });
    expect(await ownerOf(asterisk.client, twelve)).toBe('');
  });

  it('says whose it was when its endpoint is another’s, or gone, and goes on', async () => {
    const first = await phone('twelve').call('calls3');
    const three = await arrives('three');
    await talk([first, 'twelve'], [three, 'three']);
    const own = await channels();
    const text = owned('another’s').replace(/\[a_3\][^[]*/, '');

    await asterisk.load({ 'pjsip_endpoint.conf': text });
    expect(await asterisk.endpoints()).not.toContain('a_3');

    const owners = await Promise.all(own.map(channel => ownerOf(asterisk.client, channel)));
    expect(owners.sort()).toEqual(['of a_12', 'of a_3']);
    bank.forget('three');
    await Promise.all([first.hears(phone('three').account.hz), three.hears(phone('twelve').account.hz)]);
    await asterisk.load({ 'pjsip_endpoint.conf': owned('of') });
  });

  it('that a phone declines looks as if nobody were there, one to a dead phone as if nobody answered (T21, §2d)', async () => {
    const [caller, device] = [await SipClient.open(PORT), await SipClient.open(PORT)];
    const said = async (number: string): Promise<string> => {
      await caller.request('INVITE', number, { from: 'a_1', auth: login('a_1') });
      return asterisk.value('SAID');
    };
    expect(await said('direct')).toMatch(/^CHANUNAVAIL \d+ $/);
    await device.register('a_2', { auth: login('a_2') });
    const contact = `PJSIP/a_2/${device.contact}`;
    for (const code of [403, 603]) {
      device.reply = () => ({ code });
      expect(await said('try5')).toBe(`CHANUNAVAIL 21 ${contact}`);
    }
    device.reply = () => ({ code: 486 });
    expect(await said('try5')).toBe(`BUSY 17 ${contact}`);
    device.reply = () => ({ code: 180 });
    expect(await said('try1')).toBe(`NOANSWER 0 ${contact}`);
    await device.close();
    expect(await said('try6')).toBe('NOANSWER 0 '); // so the engine looks at the contacts again
    expect(await said('direct')).toMatch(/^CHANUNAVAIL \d+ $/);
    await caller.close();
  });

  it('that is refused after a prompt was never answered: it costs nothing (T28; trunk.test.ts listens to the prompt)', async () => {
    const caller = await SipClient.open(PORT);
    const { final, provisional } = await caller.request('INVITE', 'full', { from: 'a_1', auth: login('a_1') });

    expect(provisional.filter(({ code, body }) => code === 183 && body.includes('m=audio'))).not.toEqual([]);
    expect(final.code).toBe(503);
    await access(join(asterisk.installation.dataDir, 'sounds/en/all-circuits-busy-now.gsm'));
    await caller.close();
  });

  it('that is refused cannot be told when to come back: headers are for requests only', async () => {
    const caller = await SipClient.open(PORT);
    const { final } = await caller.request('INVITE', 'gate', { from: 'a_1', auth: login('a_1') });

    expect(final.code).toBe(503);
    expect(final.headers.has('retry-after')).toBe(false);
    await caller.close();
  });
});

it('the engine finds each function and application that it names', async () => {
  const text = renderEngine().replace(/^;.*$/gm, '');
  const names = (pattern: RegExp): Set<string> => new Set([...text.matchAll(pattern)].map(([, name = '']) => name));
  const [functions, applications] = [names(/\b([A-Z][A-Z_]+)\(/g), names(/[,?]([A-Z][a-z]\w*)\(/g)];

  expect([functions.has('PJSIP_DIAL_CONTACTS'), applications.has('Dial')]).toEqual([true, true]);
  for (const name of functions) await asterisk.client.command(`core show function ${name}`); // throws at an unknown one
  for (const name of applications) await asterisk.client.command(`core show application ${name}`);
});

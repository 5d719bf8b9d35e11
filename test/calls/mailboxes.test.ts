import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digest, generationOf } from '../../src/core/asterisk/bundle.ts';
import { mailboxId } from '../../src/core/names.ts';
import type { Bundle } from '../../src/core/plan.ts';
import { until } from '../../src/runtime/clock.ts';
import { user } from '../snapshots.ts';
import { AgentRig, bundleFor, loaded } from './agent-rig.ts';
import { freePorts } from './ports.ts';
import { type Answer, SipClient } from './sip.ts';
import { speak } from './speech.ts';

/** My messages, my greeting and my PIN are mine: they go with me to another extension, and to nobody else. */
const PORT = await freePorts();
let rig: AgentRig;
let caller: SipClient;

type Person = ReturnType<typeof user>;
const SHARED = { ring: { target: { none: {} } } };

/** Somebody without a phone, whose calls go to her mailbox. */
function person(name: string, extension: string, more: { uid?: string; purge?: boolean; spec?: object } = {}): Person {
  const one = user(name, extension, { ...SHARED, ...more.spec });
  const annotations = more.purge ? { 'ringfleet.io/delete': 'purge' } : {};
  return { ...one, metadata: { ...one.metadata, uid: more.uid ?? `uid-${name}`, annotations } };
}

const EXTENSIONS: Readonly<Record<string, string>> = { boss: '1000', jane: '1001', john: '1002', mary: '1003' };
const boss = user('boss', '1000', {}, 0);
/** Of a uid; of digits: as it was called before. */
const boxOf = (uid: string): string => (/^\d/.test(uid) ? uid : mailboxId({ name: '', uid }));
const folder = (mailbox: string): string => join(rig.places.spool, 'voicemail/default', mailbox);
const PIN = '970861'; // what snapshots.ts makes for everybody

beforeAll(async () => {
  rig = await AgentRig.start(PORT);
  await inForce(person('jane', '1001'));
  caller = await SipClient.open(PORT);
});

afterAll(async () => {
  await caller?.close();
  await rig?.stop();
});

async function inForce(...people: readonly Person[]): Promise<void> {
  const bundle = bundleFor(PORT, { users: [boss, ...people] });
  await rig.publish(bundle);
  await loaded(rig, bundle.manifest.generation);
}

async function call(extension: string): Promise<Answer> {
  const auth = { username: 'acme_1000', password: 'password-of-boss-sip' };
  return caller.request('INVITE', extension, { from: 'acme_1000', auth });
}

/** Leaves a message of three seconds. */
async function leaveMessage(extension: string, uid: string): Promise<void> {
  const { final, dialog } = await call(extension);
  expect(final.code).toBe(200);
  const done = new AbortController();
  const spoken = speak(final, done.signal, 1_000);
  const recorded = join(folder(boxOf(uid)), 'tmp');
  const isLong = async (): Promise<true | undefined> => {
    const names = await readdir(recorded).catch(() => []);
    const sizes = await Promise.all(
      names.map(name =>
        stat(join(recorded, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return sizes.some(size => size > 48_000) || undefined;
  };
  await until('three seconds to be recorded', isLong, { deadlineMs: 40_000 }).finally(() => done.abort());
  await spoken;
  await caller.hangUp(dialog);
}

function messagesOf(uid: string): number | undefined {
  return rig.agent.report().mailboxes[boxOf(uid)]?.new;
}

async function has(uid: string, count: number): Promise<void> {
  await until(`${count} messages of ${uid}`, () => messagesOf(uid) === count || undefined, { deadlineMs: 20_000 });
}

async function files(mailbox: string): Promise<string[]> {
  return readdir(folder(mailbox), { recursive: true }).catch(() => []);
}

/** As Asterisk keeps the PIN that a user gives herself. */
async function changePin(mailbox: string, pin: string): Promise<void> {
  await mkdir(folder(mailbox), { recursive: true });
  await writeFile(join(folder(mailbox), 'secret.conf'), `[general]\npassword=${pin}\n`);
}

async function pinOf(uid: string): Promise<string> {
  const variable = `VM_INFO(${boxOf(uid)}@default,password)`;
  const answer = await rig.agent.client?.action('Getvar', { Variable: variable });
  return answer?.['Value'] ?? '';
}

/** The application of a name that runs, and what it was given. */
async function application(name: RegExp): Promise<string | undefined> {
  const rows = (await rig.agent.client?.list('CoreShowChannels')) ?? [];
  const found = rows.find(row => name.test(row['Application'] ?? ''));
  return found && `${found['Application']} ${found['ApplicationData']}`;
}

describe('my mailbox', () => {
  it('takes a message, and goes with me to another extension; who gets the old one finds nothing of it', async () => {
    await leaveMessage('1001', 'uid-jane');
    await has('uid-jane', 1);
    await changePin(boxOf('uid-jane'), '2468');

    await inForce(person('jane', '1011'), person('john', '1001'));

    await has('uid-jane', 1);
    await has('uid-john', 0);
    expect(await pinOf('uid-jane')).toBe('2468');
    expect(await pinOf('uid-john')).toBe(PIN);
    expect(await files('1001')).toEqual([]);
    await leaveMessage('1011', 'uid-jane');
    await has('uid-jane', 2);
    expect(messagesOf('uid-john')).toBe(0);
  });

  it('is not found by another SipUser of my name and my extension, and stays', async () => {
    await inForce(person('jane', '1011', { uid: 'another' }));

    await has('another', 0);
    expect(await pinOf('another')).toBe(PIN);
    expect(await files(boxOf('uid-jane'))).toContain('INBOX/msg0001.wav');
  });

  it('is unavailable while I am disabled, whoever leads calls to it', async () => {
    const lead = { ring: { target: { none: {} }, onNoAnswer: { voicemail: { name: 'jane' } } } };
    await inForce(person('jane', '1001', { spec: { enabled: false } }), person('john', '1002', { spec: lead }));

    expect((await call('1002')).final.code).toBe(480);

    await inForce(person('jane', '1001'), person('john', '1002', { spec: lead }));
    const { final, dialog } = await call('1002');
    expect(final.code).toBe(200);
    await caller.hangUp(dialog);
  });

  it('says my own greeting, when I recorded one', async () => {
    await inForce(person('jane', '1001'));
    await writeFile(join(folder(boxOf('uid-jane')), 'unavail.wav'), '');

    const { dialog } = await call('1001');

    const row = await until('what the caller hears', () => application(/^(VoiceMail|ControlPlayback)$/), {
      deadlineMs: 5_000,
      everyMs: 20,
    });
    expect(row).toBe(`VoiceMail ${boxOf('uid-jane')}@default,u`);
    await caller.hangUp(dialog);
  });

  it('goes with me when I said so before I was deleted, but not when I am only disabled, or said it no more', async () => {
    const jane = boxOf('uid-jane');
    await inForce(person('jane', '1001', { purge: true }));
    await inForce(person('jane', '1001', { purge: true, spec: { enabled: false } }));
    await inForce(person('jane', '1001', { purge: true, spec: { voicemail: { enabled: false } } }));
    await inForce(person('jane', '1001', { spec: { enabled: false } }));
    await inForce();
    expect(await files(jane)).toContain('secret.conf'); // she stays until retention

    await inForce(person('jane', '1001', { purge: true }));
    await rig.agent.client?.action('DBPut', { Family: 'rf-pin', Key: jane, Val: '4-1' });
    await inForce();
    expect(await files(jane)).toEqual([]);
    expect(await rig.agent.client?.command('database show rf-pin')).toContain('0 results');
  });

  it('goes with me also when the agent dies in between, and only after the call that is leaving a message', async () => {
    await inForce(person('jane', '1001', { purge: true }));
    const { final, dialog } = await call('1001');
    expect(final.code).toBe(200);
    await until('the greeting to be over', () => application(/^VoiceMail$/), { deadlineMs: 20_000 });
    await changePin(boxOf('uid-jane'), '2468');
    const without = bundleFor(PORT, { users: [boss] });
    await rig.publish(without);
    await loaded(rig, without.manifest.generation);
    expect(await files(boxOf('uid-jane'))).toContain('secret.conf'); // he speaks still

    await rig.stopAgent();
    await caller.hangUp(dialog);
    rig.startAgent();
    await loaded(rig, without.manifest.generation);

    await until('it to be gone', async () => (await files(boxOf('uid-jane'))).length === 0 || undefined, {
      deadlineMs: 15_000,
    });
  });
});

describe('a PBX whose mailboxes are by extension', () => {
  const people = [person('jane', '1001'), person('john', '1002'), person('mary', '1003')];

  it('keeps them until its roll, which brings each to who had it, and gives none to anybody else', async () => {
    const old = byExtension(bundleFor(PORT, { users: [boss, ...people] }));
    await Promise.all([rig.stopAgent(), rig.stopAsterisk()]);
    await rm(join(rig.places.state, 'mailboxes.json'));
    await rig.publish(old);
    rig.startAgent();
    rig.startAsterisk();
    await loaded(rig, old.manifest.generation);
    await leaveMessage('1001', '1001');

    await inForce(...people, person('new', '1004'));
    expect(rig.agent.report()).toMatchObject({
      bundle: { restartPending: ['extensions.conf', 'voicemail.conf'] },
      quarantined: [],
    });
    const { final, dialog } = await call('1001');
    expect(final.code).toBe(200);
    await caller.hangUp(dialog);

    await Promise.all([rig.stopAgent(), rig.stopAsterisk()]);
    await changePin('1001', '1357');
    // john has got a message and a PIN by another way already; of 1009 nobody knows whose it was
    for (const [box, text, pin] of [
      ['1002', 'older', '1111'],
      [boxOf('uid-john'), 'newer', '2222'],
    ] as const) {
      await mkdir(join(folder(box), 'INBOX'), { recursive: true });
      for (const kind of ['txt', 'wav']) await writeFile(join(folder(box), `INBOX/msg0000.${kind}`), text);
      await changePin(box, pin);
    }
    await changePin('1009', '9999');
    await rm(join(rig.places.state, 'mailboxes.json')); // whoever wrote these files knew of no such thing
    rig.startAgent();
    rig.startAsterisk();

    await has('uid-jane', 1);
    expect(await pinOf('uid-jane')).toBe('1357');
    await has('uid-john', 2);
    expect(await pinOf('uid-john')).toBe('2222');
    const inbox = (at: number): Promise<string> =>
      readFile(join(folder(boxOf('uid-john')), `INBOX/msg000${at}.txt`), 'utf8');
    expect([await inbox(0), await inbox(1)]).toEqual(['newer', 'older']);
    expect(await files('1001')).toEqual([]);
    expect(await files('1002')).toEqual([]);

    await inForce(person('jane', '1001'), person('zoe', '1009'));
    await Promise.all([rig.stopAgent(), rig.stopAsterisk()]);
    rig.startAgent();
    rig.startAsterisk();
    await has('uid-zoe', 0);
    expect(await pinOf('uid-zoe')).toBe(PIN);
    expect(await files('1009')).toEqual(['secret.conf']);
  });
});

/** The bundle as an operator made it before mailboxes were people's. */
function byExtension({ manifest, texts, ...bundle }: Bundle): Bundle {
  const entries = [...texts].map(([key, text]): [string, string] => {
    const own = text
      .replace('#include voicemail_users.conf\n', '')
      .replace('Gosub(mailbox-of,${EXTEN},1)', 'Set(RF_BOX=${EXTEN})')
      .replace(/^[a-p]{24} => (\d+),(\w+)/gm, (_, pin: string, name: string) => `${EXTENSIONS[name]} => ${pin},${name}`)
      .replace(/mailboxes=[a-p]{24}@default/g, 'mailboxes=none@default');
    return [key.replace('voicemail_users.conf.000', 'none.conf.000').replace('voicemail_users', 'voicemail'), own];
  });
  const old = new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  const { mailboxes: _, generation: __, ...body } = manifest;
  const fragments = [...old].map(([key, text]) => ({ key, digest: digest(text), secret: true }));
  const restartFiles = body.restartFiles.filter(name => name !== 'voicemail.conf');
  const made = { ...body, fragments, restartFiles };
  return { ...bundle, manifest: { ...made, generation: generationOf(made) }, texts: old, settings: new Map() };
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mailboxId } from '../../../src/core/names.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { user } from '../../snapshots.ts';
import { AgentRig, bundleFor, loaded } from '../agent-rig.ts';
import { freePorts } from '../ports.ts';
import { type Answer, SipClient } from '../sip.ts';

/** I sit at her telephone, or know its password, and want to hear her messages: I guess her PIN at *97. */
const PORT = await freePorts();
let rig: AgentRig;
let phone: SipClient;

const jane = user('jane', '1001', {}, 1);
const john = user('john', '1002', {}, 2);
const MAILBOX = mailboxId(jane.metadata);
const CALLS = 5;

beforeAll(async () => {
  rig = await AgentRig.start(PORT);
  const bundle = bundleFor(PORT, { users: [jane, john] });
  await rig.publish(bundle);
  await loaded(rig, bundle.manifest.generation);
  phone = await SipClient.open(PORT);
  for (const [name, extension] of Object.entries({ jane: '1001', john: '1002' }))
    await phone.register(`acme_${extension}`, { auth: auth(name, extension) });
});

afterAll(async () => {
  await phone?.close();
  await rig?.stop();
});

beforeEach(async () => {
  await rig.agent.client?.command('database deltree rf-pin');
});

const auth = (name: string, extension: string) => ({
  username: `acme_${extension}`,
  password: `password-of-${name}-sip`,
});

function call(name: string, extension: string): Promise<Answer> {
  return phone.request('INVITE', '*97', {
    from: `acme_${extension}`,
    auth: auth(name, extension),
    deadlineMs: 30_000,
  });
}

/** As somebody who is asked for the PIN and does not say the right one. */
async function guess(name = 'jane', extension = '1001'): Promise<number> {
  const { final, dialog } = await call(name, extension);
  await phone.hangUp(dialog);
  return final.code;
}

async function guesses(count: number): Promise<number[]> {
  const codes: number[] = [];
  for (let made = 0; made < count; made++) codes.push(await guess());
  return codes;
}

/** What would be noted had the last call been so long ago. */
async function wait(seconds: number, calls: number): Promise<void> {
  const value = `${calls}-${Math.floor(systemClock.now() / 1000) - seconds}`;
  await rig.agent.client?.action('DBPut', { Family: 'rf-pin', Key: MAILBOX, Val: value });
}

describe('guessing a PIN', () => {
  it('is over after five calls, for a while that grows; and a day later all is forgotten', async () => {
    expect(await guesses(CALLS + 1)).toEqual([200, 200, 200, 200, 200, 403]);

    await wait(299 - 30, CALLS);
    expect(await guess()).toBe(403);
    await wait(301, CALLS);
    expect(await guesses(2)).toEqual([200, 403]); // one, and not five
    await wait(301, CALLS + 1);
    expect(await guess()).toBe(403);
    await wait(901, CALLS + 1);
    expect(await guess()).toBe(200);
    await wait(3_500, 99);
    expect(await guess()).toBe(403);
    await wait(3_601, 99);
    expect(await guesses(2)).toEqual([200, 403]);
    await wait(86_401, 99);
    expect(await guesses(CALLS + 1)).toEqual([200, 200, 200, 200, 200, 403]);
  });

  it('is not faster with many calls at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => call('jane', '1001')));

    const asked = answers.filter(({ final }) => final.code === 200);
    expect(asked).toHaveLength(CALLS);
    await Promise.all(asked.map(({ dialog }) => phone.hangUp(dialog)));
  });

  it('takes nothing from anybody else', async () => {
    await guesses(CALLS + 1);

    expect(await guess('john', '1002')).toBe(200);
  });

  it('goes on counting over a restart of Asterisk', async () => {
    await guesses(CALLS);
    await rig.kill();
    const { generation } = bundleFor(PORT, { users: [jane, john] }).manifest;
    await loaded(rig, generation);

    expect(await guess()).toBe(403);
  });

  it('is not for whom her phone sends there: nobody else is asked for her PIN', async () => {
    phone.reply = () => ({ code: 302, headers: { Contact: '<sip:*97@127.0.0.1>' } });

    const { dialog } = await phone.request('INVITE', '1001', { from: 'acme_1002', auth: auth('john', '1002') });

    const rows = (await rig.agent.client?.list('CoreShowChannels')) ?? [];
    expect(rows.map(row => row['Application'])).not.toContain('VMAuthenticate');
    expect(await rig.agent.client?.command('database show rf-pin')).toContain('0 results');
    await phone.hangUp(dialog); // of a message for her
    phone.reply = () => ({ code: 486 });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailboxId } from '../../src/core/names.ts';
import { until } from '../../src/runtime/clock.ts';
import { hears } from '../../src/standalone/phones/tones.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';

/** Calls inside an organization, heard from both ends. */
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start(await freePorts(), {
    users: {
      jane: { extension: '1001', fullName: 'Jane Roe' },
      john: {
        extension: '1002',
        ring: { seconds: 5, onNoAnswer: { user: { name: 'zoe' } }, onBusy: { hangup: 'Busy' } },
      },
      zoe: { extension: '1003' },
      away: { extension: '1004', ring: { unreachable: { destination: { user: { name: 'zoe' } } } } },
      box: { extension: '1005', ring: { target: { none: {} } } },
    },
  });
});

afterAll(async () => {
  await rig?.stop();
});

describe('internal calls', () => {
  it('connects two extensions, and each hears the other', async () => {
    const [jane, john] = [await rig.registered('jane'), await rig.registered('john')];

    const out = await jane.call('1002');
    const { call: inbound, from } = await john.incoming();
    await out.answered();

    expect(from).toEqual({ number: '1001', name: 'Jane Roe' });
    await out.hears(john.account.hz);
    await inbound.hears(jane.account.hz);
    await out.hangUp();
    await inbound.ended();
  });

  it('tells who is registered, and since when, and forgets on the way out', async () => {
    await rig.registered('jane');

    await rig.becomes('SipUser', 'jane', 'Registered', { status: 'True' });
    await rig.bank.remove('jane');
    await rig.becomes('SipUser', 'jane', 'Registered', { status: 'False' });
  });

  it('goes on to the destination when nobody answers', async () => {
    const [jane, john, zoe] = [await rig.registered('jane'), await rig.registered('john'), await rig.registered('zoe')];
    await john.setManner('ring');
    rig.bank.forget('john');

    const out = await jane.call('1002');
    await (await john.incoming()).call.ended(15_000);
    await zoe.incoming();
    await out.answered();

    await out.hears(zoe.account.hz);
    await out.hangUp();
    await john.setManner('answer');
    rig.bank.forget('john');
  });

  it('says busy when the phone says so', async () => {
    const [jane, john] = [await rig.registered('jane'), await rig.registered('john')];
    await john.setManner('busy');

    const end = await (await jane.call('1002')).ended();

    expect(end.cause).toBe(17);
    await john.setManner('answer');
    rig.bank.forget('john');
  });

  it('goes to the unreachable destination when no phone is there', async () => {
    const [jane, zoe] = [await rig.registered('jane'), await rig.registered('zoe')];
    rig.bank.forget('zoe');

    const out = await jane.call('1004');
    await zoe.incoming();
    await out.answered();

    await out.hears(zoe.account.hz);
    await out.hangUp();
  });

  it('takes a message, counts it, and plays it to *97', async () => {
    const [jane, box] = [await rig.registered('jane'), await rig.registered('box')];

    const out = await jane.call('1005');
    await out.answered();
    await out.listen(1_000);
    await out.sendDigits('#'); // past the greeting
    await out.listen(5_000);
    await out.hangUp();

    const hers = mailboxId(
      rig.pbx.snapshot?.objects.SipUser.find(({ metadata }) => metadata.name === 'box')?.metadata ?? { name: '' },
    );
    await until('the message to be counted', () => (rig.pbx.report.mailboxes[hers]?.new === 1 ? true : undefined), {
      deadlineMs: 20_000,
    });
    const folder = join(rig.directory, '.ringfleet/spool/voicemail/default', hers);
    const recorded = await readFile(join(folder, 'INBOX/msg0000.wav'));
    expect(hears(samplesOf(recorded), jane.account.hz)).toBe(true);

    const pin = rig.pbx.snapshot?.secrets.get('box-sip')?.data['voicemailPin'] ?? '';
    const heard = await box.call('*97');
    await heard.answered();
    await heard.listen(1_500);
    await heard.sendDigits(`${pin}#`);
    await heard.listen(1_500);
    await heard.sendDigits('1');
    await heard.hears(jane.account.hz, 25_000);
    await heard.hangUp();
    await until('the message to be an old one', () => (rig.pbx.report.mailboxes[hers]?.old === 1 ? true : undefined), {
      deadlineMs: 20_000,
    });
    expect(await rig.pbx.agent.client?.command('database show rf-pin')).toContain('0 results'); // none is held against her
  });

  it('transfers by keys: who was called goes on to a third', async () => {
    const [jane, john, zoe] = [await rig.registered('jane'), await rig.registered('john'), await rig.registered('zoe')];
    for (const name of ['john', 'zoe']) rig.bank.forget(name);
    const out = await jane.call('1002');
    const { call: inbound } = await john.incoming();
    await out.answered();

    await out.sendDigits('*88');
    await out.listen(1_000);
    await out.sendDigits('1003');
    const { from } = await zoe.incoming(15_000);

    expect(from.number).toBe('1002');
    await inbound.hears(zoe.account.hz);
    await out.ended();
    await inbound.hangUp();
  });

  it('refuses a wrong password for ever, and counts it', async () => {
    const thief = await rig.phone('zoe', { name: 'thief', password: 'not-the-password' });

    await thief.refused();
    const counted = async (): Promise<number> => {
      const text = await rig.pbx.agent.metrics.registry.metrics();
      return Number(/ringfleet_sip_authentication_failures_total\{reason="wrong_password"\} (\d+)/.exec(text)?.[1]);
    };
    await until('it to be counted', async () => (await counted()) > 0 || undefined, { deadlineMs: 5_000 });
    await rig.bank.remove('thief');
  });

  it('lets nobody register as somebody else with her own credentials', async () => {
    const { password } = rig.credentials('jane');
    const thief = await rig.phone('john', { name: 'thief', password });

    await thief.refused();
    await rig.bank.remove('thief');
  });

  it('answers an unknown extension with 404', async () => {
    const jane = await rig.registered('jane');

    expect((await (await jane.call('1999')).ended()).cause).toBe(1);
  });
});

/** 16-bit samples of a WAV file, without its last half second: the key that ends a message is heard there. */
function samplesOf(wav: Buffer): Int16Array {
  const bytes = wav.subarray(44, wav.length - 8_000);
  return Int16Array.from({ length: Math.floor(bytes.length / 2) }, (_, at) => bytes.readInt16LE(at * 2));
}

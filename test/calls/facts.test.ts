import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reload } from '../../src/agent/ami/actions.ts';
import type { AmiClient } from '../../src/agent/ami/client.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { findAsterisk } from '../../src/standalone/asterisk/find.ts';
import { SideAsterisk } from '../../src/standalone/phones/side-asterisk.ts';
import { freePorts } from './ports.ts';
import { SipClient } from './sip.ts';

/**
 * The facts that the design leans on hold for this Asterisk. The distribution moves: when one of these fails, the design
 * has to be looked at, not the test. Each names the trap that it is the proof of.
 */
const PORT = await freePorts();
let asterisk: SideAsterisk;
let client: AmiClient;
let base = '';

const user = (id: string): string =>
  `[${id}]\ntype=endpoint\ncontext=c\nallow=!all,alaw\nauth=${id}\naors=${id}\n[${id}]\ntype=aor\nmax_contacts=1\nremove_existing=yes\nqualify_frequency=0\n[${id}]\ntype=auth\nusername=${id}\npassword=secret-${id}\n`;
const HEAD = `[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:${PORT}\n`;
const DIALPLAN =
  '[general]\nclearglobalvars=yes\n[globals]\nGENERATION=one\nGONE=1\n[c]\nexten => 1,1,Answer()\n same => n,Wait(30)\n';

beforeAll(async () => {
  const installation = await findAsterisk(line => console.log(line));
  console.log(`The facts are about Asterisk ${installation.version}`);
  const directory = join('/tmp', `ringfleet-facts-${process.pid}`);
  asterisk = new SideAsterisk({
    installation,
    directory,
    address: '127.0.0.1',
    sipPort: PORT,
    managerPort: PORT + 1,
    rtp: { start: 23_000, end: 23_100 },
    clock: systemClock,
  });
  base = HEAD + user('one') + user('two');
  await asterisk.start(
    new Map([
      ['pjsip.conf', base],
      ['extensions.conf', DIALPLAN],
    ]),
  );
  client = asterisk.client;
});

afterAll(async () => {
  await asterisk?.remove();
});

async function pjsip(text: string): Promise<void> {
  await writeFile(join(asterisk.places.config, 'pjsip.conf'), text);
  await reload(client, 'res_pjsip.so', 10_000);
}

async function endpoints(): Promise<string[]> {
  const rows = await client.list('PJSIPShowEndpoints');
  return rows.map(row => row['ObjectName'] ?? '').sort();
}

async function global(name: string): Promise<string> {
  return (await client.action('Getvar', { Variable: name }))['Value'] ?? '';
}

describe('a reload', () => {
  it('says success to a broken file, and keeps the old objects (T1, T2)', async () => {
    await expect(pjsip(`${base}[three\ntype=endpoint\n`)).resolves.toBeUndefined();
    expect(await endpoints()).toEqual(['one', 'two']);
    await pjsip(base);
  });

  it('with one bad option leaves out that object alone (T11)', async () => {
    await pjsip(`${base}${user('three').replace('allow=', 'no_such_option=1\nallow=')}${user('four')}`);
    expect(await endpoints()).toEqual(['four', 'one', 'two']);
    await pjsip(base);
  });

  it('with one id twice loads nothing new of that type (T2)', async () => {
    await pjsip(`${base}${user('one')}${user('five')}`);
    expect(await endpoints()).not.toContain('five');
    await pjsip(base);
  });

  it('with an empty file unloads everything, and says success (asterisk-limits §6)', async () => {
    await pjsip(HEAD);
    expect(await endpoints()).toEqual([]);
    await pjsip(base);
    expect(await endpoints()).toEqual(['one', 'two']);
  });

  it('of the dialplan shows in a global, and one that is gone is gone (T1)', async () => {
    await writeFile(
      join(asterisk.places.config, 'extensions.conf'),
      DIALPLAN.replace('one', 'two').replace('GONE=1\n', ''),
    );
    await reload(client, 'pbx_config.so', 10_000);
    expect(await global('GENERATION')).toBe('two');
    expect(await global('GONE')).toBe('');
  });

  it('under a call continues the call in the new text at the same place (T3)', async () => {
    const file = join(asterisk.places.config, 'extensions.conf');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('Wait(30)', 'Wait(1)\n same => n,Set(GLOBAL(RAN)=old)'));
    await reload(client, 'pbx_config.so', 10_000);
    const phone = await SipClient.open(PORT);
    const call = await phone.request('INVITE', '1', { from: 'one', auth: { username: 'one', password: 'secret-one' } });
    await writeFile(file, text.replace('Wait(30)', 'Wait(1)\n same => n,Set(GLOBAL(RAN)=new)'));
    await reload(client, 'pbx_config.so', 10_000);

    await until('the call to go on', async () => (await global('RAN')) || undefined, { deadlineMs: 5_000 });
    expect(await global('RAN')).toBe('new');
    await phone.hangUp(call.dialog).catch(() => undefined); // it may have ended by itself
    await phone.close();
  });

  it('that removes an endpoint ends neither its call nor its registration (T16)', async () => {
    await writeFile(join(asterisk.places.config, 'extensions.conf'), DIALPLAN);
    await reload(client, 'pbx_config.so', 10_000);
    const phone = await SipClient.open(PORT);
    const auth = { username: 'two', password: 'secret-two' };
    expect((await phone.register('two', { auth })).final.code).toBe(200);
    const call = await phone.request('INVITE', '1', { from: 'two', auth });
    await pjsip(HEAD + user('one'));

    expect((await phone.register('two', { auth })).final.code).toBe(401);
    expect(await client.command('core show channels count')).toContain('1 active call');
    expect(await client.command('database show registrar/contact')).toContain('two;@');
    await phone.hangUp(call.dialog);
    await pjsip(base);
    await phone.close();
  });

  it('does not move a transport (T8)', async () => {
    await pjsip(base.replace(`:${PORT}`, `:${PORT + 7}`));
    const phone = await SipClient.open(PORT);
    expect((await phone.register('one', {})).final.code).toBe(401);
    await pjsip(base);
    await phone.close();
  });
});

describe('this Asterisk', () => {
  it('counts by group on the caller’s channel only, and a missing variable passes the gate (T15, §2a)', async () => {
    expect(await client.command('core show function GROUP_COUNT')).toContain('GROUP_COUNT');
    expect(await global('NO_SUCH_LIMIT')).toBe('');
  });

  it('has the functions and applications that the engine uses', async () => {
    for (const name of [
      'PJSIP_DIAL_CONTACTS',
      'PJSIP_HEADER',
      'DIALPLAN_EXISTS',
      'FILTER',
      'CUT',
      'VM_INFO',
      'GROUP',
      'ARRAY',
      'TOLOWER',
    ])
      expect(await client.command(`core show function ${name}`)).not.toMatch(/No function by that name/);
    for (const name of ['Dial', 'Gosub', 'VoiceMail', 'VoiceMailMain', 'Playback', 'Progress', 'ExecIf'])
      expect(await client.command(`core show application ${name}`)).not.toMatch(/application\(s\) is/);
  });

  it('adds headers to requests only: a refusal cannot say Retry-After', async () => {
    const file = join(asterisk.places.config, 'extensions.conf');
    await writeFile(file, `${DIALPLAN}exten => 9,1,Set(PJSIP_HEADER(add,Retry-After)=120)\n same => n,Hangup(42)\n`);
    await reload(client, 'pbx_config.so', 10_000);
    const phone = await SipClient.open(PORT);
    const { final } = await phone.request('INVITE', '9', {
      from: 'one',
      auth: { username: 'one', password: 'secret-one' },
    });

    expect(final.code).toBe(503);
    expect(final.headers.has('retry-after')).toBe(false);
    await phone.close();
  });
});

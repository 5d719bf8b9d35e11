import { rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reload } from '../../../src/agent/ami/actions.ts';
import { MessagesLog } from '../../../src/agent/asterisk/messages-log.ts';
import { sentinel } from '../../../src/agent/configuration/candidate.ts';
import { modulesFor } from '../../../src/agent/configuration/modules.ts';
import { SMALL_FILES } from '../../../src/core/asterisk/static-files.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { SipClient } from '../sip.ts';
import { BareAsterisk, login, userFiles, users } from './bare-asterisk.ts';

/** What a reload takes up, what it leaves as it was, and what it says of that. */
const PORT = await freePorts();
const DIALPLAN = `[general]
clearglobalvars=yes
[globals]
GENERATION=one
GONE=1
[c]
exten => 1,1,Answer()
 same => n,Wait(30)
[hints]
exten => _[0-9]!,hint,PJSIP/\${ORG}_\${EXTEN}
#tryinclude extensions_tenant.conf
`;
const TENANT = '[globals](+)\nORG=acme\n[c](+)\n';
const BASE = { ...userFiles('one', 'two', 'acme_7'), 'extensions.conf': DIALPLAN, 'extensions_tenant.conf': TENANT };
const IDS = ['acme_7', 'one', 'two'];
const { 'pjsip_endpoint.conf': ENDPOINTS, 'pjsip_aor.conf': AORS } = BASE;
let asterisk: BareAsterisk;
let phone: SipClient;

beforeAll(async () => {
  asterisk = await BareAsterisk.start(PORT, BASE);
  phone = await SipClient.open(PORT);
});

afterAll(async () => {
  await phone?.close();
  await asterisk?.remove();
});

beforeEach(() => asterisk.load(BASE));

function call(number: string, from = 'one') {
  return phone.request('INVITE', number, { from, auth: login(from) });
}

describe('the log', () => {
  it('may be behind by as many lines as a tenant has mailboxes, and drops none', async () => {
    expect(await asterisk.client.command('logger show channels')).toMatch(/^Logger queue limit: 20000$/m);
  });

  it('may be written after the answer, and in order: who has Asterisk say something last has heard all', async () => {
    const messages = new MessagesLog(asterisk.places, systemClock, pino({ level: 'silent' }));
    for (let round = 0; round < 20; round++) {
      const from = await messages.size();
      await asterisk.load({ 'extensions_tenant.conf': `${TENANT}[broken${round}\nexten => 2,1,NoOp()\n` });
      expect((await messages.since(from, asterisk.client)).text).toMatch(/parse error: no closing ']', line 4 of/);
    }
  });
});

describe('a reload of PJSIP', () => {
  it('says success to a broken file and to none, and keeps the old objects: what counts is a sentinel (T1, T2)', async () => {
    const aors = async (): Promise<string[]> =>
      (await asterisk.client.list('PJSIPShowAors')).map(row => row['ObjectName'] ?? '');
    await asterisk.load({ 'pjsip_aor.conf': `${AORS}[${sentinel('a')}]\ntype=aor\n` });
    expect(await aors()).toContain(sentinel('a'));

    await asterisk.load({ 'pjsip_aor.conf': `${AORS}[${sentinel('b')}]\ntype=aor\n[broken\ntype=aor\n` });
    await rm(join(asterisk.places.config, 'pjsip_endpoint.conf'));
    await reload(asterisk.client, 'res_pjsip.so', 10_000);
    expect((await aors()).sort()).toEqual([...IDS, sentinel('a')].sort());
    expect(await asterisk.endpoints()).toEqual(IDS);
  });

  it('with one bad option leaves out that object alone (T11)', async () => {
    const bad = users('three').endpoint.replace('allow=', 'no_such_option=1\nallow=');
    await asterisk.load({ 'pjsip_endpoint.conf': ENDPOINTS + bad + users('four').endpoint });
    expect(await asterisk.endpoints()).toEqual([...IDS, 'four'].sort());
  });

  it('with one id twice loads nothing new of that type: the agent looks for those before (T2)', async () => {
    await asterisk.load({ 'pjsip_endpoint.conf': ENDPOINTS + users('one', 'five').endpoint });
    expect(await asterisk.endpoints()).not.toContain('five');
  });

  it('with an empty file unloads everything, and says success: a bundle promises counts (asterisk-limits §6)', async () => {
    await asterisk.load({ 'pjsip_endpoint.conf': '; none\n' });
    expect(await asterisk.endpoints()).toEqual([]);
  });

  it('that removes an endpoint ends neither its call nor its registration: the agent sees them off (T16)', async () => {
    const auth = login('two');
    expect((await phone.register('two', { auth })).final.code).toBe(200);
    const { dialog } = await call('1', 'two');
    await asterisk.load(userFiles('one'));

    expect((await phone.register('two', { auth })).final.code).toBe(401);
    expect(await asterisk.client.command('core show channels count')).toContain('1 active call');
    expect(await asterisk.client.command('database show registrar/contact')).toContain('two;@');
    await phone.hangUp(dialog);
  });

  it('neither moves nor removes a transport, nor changes the system: these files wait for a restart (T8)', async () => {
    const transport = `[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:${PORT}\n`;
    for (const text of [transport.replace(`:${PORT}`, `:${PORT + 7}`), '; none\n', transport]) {
      await asterisk.load({ 'pjsip_transport.conf': text });
      expect((await phone.register('one', {})).final.code).toBe(401);
    }
    await asterisk.load({ 'pjsip_system.conf': '[system]\ntype=system\ntimer_t1=600\n' });
    await asterisk.says(/Type 'system' is not reloadable/);
  });

  it('reads a file anew by its time, not only by its size: digests are all of one length (T23)', async () => {
    const context = async (): Promise<string | undefined> => {
      const rows = await asterisk.client.list('PJSIPShowEndpoint', { Endpoint: 'one' });
      return rows.find(row => row['Context'])?.['Context'];
    };
    for (const [at, name] of [...'defg'].entries()) {
      await asterisk.put({ 'pjsip_endpoint.conf': ENDPOINTS.replaceAll('context=c', `context=${name}`) });
      const time = new Date(1_000_000_000_000 + at); // a millisecond apart
      await utimes(join(asterisk.places.config, 'pjsip_endpoint.conf'), time, time);
      await reload(asterisk.client, 'res_pjsip.so', 10_000);
      expect(await context()).toBe(name);
    }
  });
});

describe('a reload of the dialplan', () => {
  it('shows in a global, and one that is gone is gone (T1)', async () => {
    await asterisk.load({ 'extensions.conf': DIALPLAN.replace('one', 'two').replace('GONE=1\n', '') });
    expect(await asterisk.value('GENERATION')).toBe('two');
    expect(await asterisk.value('GONE')).toBe('');
  });

  it('takes up a change in an included file alone, and goes without one that is tried (T2, T23)', async () => {
    await asterisk.load({ 'extensions_tenant.conf': TENANT.replace('acme', 'beta') });
    expect(await asterisk.value('ORG')).toBe('beta');
    await rm(join(asterisk.places.config, 'extensions_tenant.conf'));
    await asterisk.load({ 'extensions.conf': DIALPLAN });
    expect([await asterisk.value('ORG'), await asterisk.value('GENERATION')]).toEqual(['', 'one']);
  });

  it('under a call continues the call in the new text at the same place: the engine waits for a restart (T3)', async () => {
    const running = (word: string): string =>
      DIALPLAN.replace('Wait(30)', `Wait(1)\n same => n,Set(GLOBAL(RAN)=${word})`);
    await asterisk.load({ 'extensions.conf': running('old') });
    const { dialog } = await call('1');
    await asterisk.load({ 'extensions.conf': running('new') });

    const ran = await until('the call to go on', async () => (await asterisk.value('RAN')) || undefined, {
      deadlineMs: 5_000,
    });
    expect(ran).toBe('new');
    await phone.hangUp(dialog).catch(() => undefined); // it may have ended by itself
  });

  it('keeps who watches a phone by a pattern’s hint, also when its user is gone: hints are no text of users (T29)', async () => {
    const states = (): string[] =>
      phone.received
        .filter(({ method }) => method === 'NOTIFY')
        .map(({ body }) => /<note>(.*)<\/note>/.exec(body)?.[1] ?? '');
    const told = (state: string): Promise<string> =>
      until(`to be told ${state}`, () => states().findLast(one => one === state), { deadlineMs: 5_000, everyMs: 10 });
    await asterisk.load({
      'pjsip_endpoint.conf': ENDPOINTS.replaceAll('context=c', 'context=c\nsubscribe_context=hints'),
    });
    const headers = { Event: 'presence', Accept: 'application/pidf+xml', Expires: '60' };
    const watch = await phone.request('SUBSCRIBE', '7', { from: 'one', auth: login('one'), headers });
    expect(watch.final.code).toBe(200);
    await told('Unavailable');

    await asterisk.load({ 'extensions.conf': DIALPLAN });
    const other = await SipClient.open(PORT);
    await other.register('acme_7', { auth: login('acme_7') });
    await told('Ready');
    expect(await asterisk.client.command('core show hint 7')).toMatch(
      /7@hints\s+: PJSIP\/acme_7\s+State:Idle\s+.*Watchers +1/,
    );
    await asterisk.load(userFiles('one', 'two'));
    await asterisk.load({ 'extensions.conf': DIALPLAN });
    expect(await asterisk.client.command('core show hint 7')).toMatch(/Watchers +1/);
    await other.close();
  });
});

describe('a reload of other files', () => {
  const rtp = '[general]\nrtpstart=23500\nrtpend=23510\n';
  it.each([
    ['rtp.conf', rtp, 'rtp show settings', /Port start: +23500/],
    ['voicemail.conf', '[general]\n[default]\n7 => 1234,Seven\n', 'voicemail show users', /^default +7 +Seven/m],
    ['features.conf', '[general]\n[featuremap]\nblindxfer=*77\n', 'features show', /Blind Transfer +# +\*77/],
    ['musiconhold.conf', '[general]\n[other]\nmode=files\ndirectory=moh\n', 'moh show classes', /Class: other/],
    ['indications.conf', '[general]\ncountry=de\n[de]\ndescription=G\ndial=425\n', 'indication show', /^de +G/m],
    ['cdr.conf', '[general]\nenable=no\n', 'cdr show status', /Logging: +Disabled/],
    ['logger.conf', '[general]\n[logfiles]\nmessages => error\n', 'logger show channels', /- ERROR\s*$/m],
  ])('takes up %s, by the module that the agent asks (T5, T30)', async (file, text, question, answer) => {
    expect(modulesFor([file])).toHaveLength(1);
    expect(await asterisk.client.command(question)).not.toMatch(answer);
    await asterisk.load({ [file]: text });
    expect(await asterisk.client.command(question)).toMatch(answer);
  });

  it('takes up pjsip_notify.conf, which has a module of its own', async () => {
    const send = (): Promise<string> => asterisk.client.command('pjsip send notify fresh endpoint one');
    await expect(send()).rejects.toThrow("Unable to find notify type 'fresh'");
    await asterisk.load({ 'pjsip_notify.conf': '[fresh]\nEvent=>fresh\n' });
    expect(await send()).toContain("Sending NOTIFY of type 'fresh'");
  });

  it('moves the media of the next call (T30)', async () => {
    await asterisk.load({ 'rtp.conf': rtp });
    const { final, dialog } = await call('1');
    const port = Number(/m=audio (\d+)/.exec(final.body)?.[1]);
    expect(port).toBeGreaterThanOrEqual(23_500);
    expect(port).toBeLessThanOrEqual(23_510);
    await phone.hangUp(dialog);
  });

  it('is no CLI command of its own: `pjsip reload` is an alias that is not there (T5)', async () => {
    for (const alias of ['pjsip reload', 'features reload', 'reload'])
      await expect(asterisk.client.command(alias)).rejects.toThrow('No such command');
  });

  it('takes blind transfer off the key #, where Asterisk has it and callers press it (T14)', async () => {
    await asterisk.load({ 'features.conf': SMALL_FILES['features.conf'] });
    expect(await asterisk.client.command('features show')).toMatch(/Blind Transfer +# +\*88/);
  });
});

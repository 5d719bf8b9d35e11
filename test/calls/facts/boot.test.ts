import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { storedContacts } from '../../../src/agent/ami/actions.ts';
import { AmiClient } from '../../../src/agent/ami/client.ts';
import { asteriskConf } from '../../../src/agent/asterisk/base-files.ts';
import { DISTURBED } from '../../../src/agent/configuration/preflight.ts';
import { modulesConf } from '../../../src/core/asterisk/static-files.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { SipClient } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/** From the start of an Asterisk to its end: what it starts with, what it survives, how it goes. */
const PORT = await freePorts();
const USERS = userFiles('one', 'two');
const FILES = { ...USERS, 'extensions.conf': '[general]\n[c]\nexten => 1,1,Answer()\n same => n,Wait(60)\n' };
const ENDPOINTS = USERS['pjsip_endpoint.conf'];
let asterisk: BareAsterisk;

beforeAll(async () => {
  asterisk = await BareAsterisk.create(PORT);
});

afterEach(() => asterisk?.end());

afterAll(() => asterisk?.remove());

/** Modules by their state. */
async function modules(): Promise<Map<string, string>> {
  const rows = await asterisk.client.command('module show');
  return new Map(
    [...rows.matchAll(/^(\S+) .*? (Running|Not Running)\s+\S+\s*$/gm)].map(([, name = '', state = '']) => [
      name,
      state,
    ]),
  );
}

describe('an Asterisk that starts', () => {
  it('runs the modules that are named and no other, with the stubs that the bundle brings; none runs commands (T4, T25)', async () => {
    await asterisk.boot(FILES);
    const named = [...modulesConf().matchAll(/^load=(.+)$/gm)].map(([, name]) => name);
    const loaded = await modules();

    expect([...loaded.keys()].filter(name => name.endsWith('.so')).sort()).toEqual([...named].sort());
    expect(new Set(loaded.values())).toEqual(new Set(['Running']));
    for (const name of ['SHELL', 'FILE', 'ENV', 'CURL'])
      await expect(asterisk.client.command(`core show function ${name}`)).rejects.toThrow('No function by that name');
    for (const name of ['System', 'TrySystem', 'AGI'])
      await expect(asterisk.client.command(`core show application ${name}`)).rejects.toThrow('not registered');
  });

  it('without a file of a module goes on without the module, for good: the bundle always has it (T4)', async () => {
    await asterisk.boot({ ...FILES, 'extensions.conf': undefined, 'pjsip_notify.conf': undefined });
    const idle = [...(await modules())].filter(([, state]) => state !== 'Running').map(([name]) => name);

    expect(idle).toEqual(['pbx_config.so', 'res_pjsip_notify.so']);
    await expect(asterisk.load(FILES)).rejects.toThrow('Module not initialized');
  });

  it.each([
    ['one id twice', `${ENDPOINTS}[one]\ntype=endpoint\n`, []],
    ['a section that does not close', `${ENDPOINTS}[three\ntype=endpoint\n`, []],
    ['a bad option', `${ENDPOINTS}[three]\ntype=endpoint\nno_such_option=1\n`, ['one', 'two']],
  ])('with %s is up, whatever it has: the restart check counts objects (T2, T11)', async (_, text, left) => {
    await asterisk.boot({ ...FILES, 'pjsip_endpoint.conf': text });

    expect(await asterisk.endpoints()).toEqual(left);
  });

  it('without a port of its own is up and says which transport it lacks: a restart check is made again elsewhere', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(PORT + 40, '127.0.0.1', resolve));
    const transports = `[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:${PORT + 40}\n`;
    await asterisk.boot({ ...FILES, 'pjsip_transport.conf': transports });

    await asterisk.says(DISTURBED);
    await new Promise(resolve => other.close(resolve));
  });

  it('where it cannot keep its database ends at once: the state is a volume (T24; read-only root: image.test.ts)', async () => {
    const nowhere = { ...asterisk.places, state: join(asterisk.places.config, 'modules.conf') };
    await asterisk.launch({ ...FILES, 'asterisk.conf': asteriskConf(nowhere, asterisk.installation) });

    expect(await asterisk.process.exited).toBe(1);
  });
});

describe('an Asterisk that ends', () => {
  it('by SIGTERM ends its calls, so the pod is emptied before; on the same state it knows its phones again (T18, T19)', async () => {
    await asterisk.boot(FILES);
    const phone = await SipClient.open(PORT);
    await phone.register('one', { auth: login('one') });
    await phone.request('INVITE', '1', { from: 'one', auth: login('one') });
    asterisk.process.terminate();

    expect(await asterisk.process.exited).toBe(0);
    expect(phone.received.map(({ method }) => method)).toEqual(['BYE']);
    await asterisk.boot(FILES);
    expect([...(await storedContacts(asterisk.client)).keys()]).toEqual(['one']);
    expect(await asterisk.value('PJSIP_DIAL_CONTACTS(one)')).toBe(`PJSIP/one/${phone.contact}`);
    await phone.close();
  });

  it('gracefully has no manager from then on, so the agent empties it by itself (T19); on a fresh state it knows no phone (T18)', async () => {
    await rm(asterisk.places.state, { recursive: true });
    await asterisk.boot(FILES);
    expect([...(await storedContacts(asterisk.client)).keys()]).toEqual([]);
    const phone = await SipClient.open(PORT);
    const call = await phone.request('INVITE', '1', { from: 'one', auth: login('one') });
    const told = asterisk.client.command('core stop gracefully', 30_000).catch(() => undefined);
    const asked = (): Promise<string> => AmiClient.connect(asterisk.managerAddress, systemClock).then(String, String);
    await until('the manager to be gone', async () => /shutting down/.exec(await asked()) ?? undefined, {
      deadlineMs: 5_000,
    });

    const next = await phone.request('INVITE', '1', { from: 'two', auth: login('two') });
    expect(next.final.code).toBe(503);
    expect(phone.received).toEqual([]); // the call is still up
    await phone.hangUp(call.dialog);
    expect(await asterisk.process.exited).toBe(0);
    await told;
    await phone.close();
  });
});

describe('the manager', () => {
  it('brings events of a test framework, which the client keeps to itself (T26)', async () => {
    await asterisk.boot(FILES);
    const heard = new Set<string>();
    asterisk.client.onEvent(event => heard.add(event['Event'] ?? ''));
    const events = rawEvents();
    const phone = await SipClient.open(PORT);
    await phone.register('one', { auth: login('one') });
    await until('events', () => (events.names().includes('TestEvent') && heard.size > 0) || undefined, {
      deadlineMs: 5_000,
      everyMs: 10,
    });
    await until('an event that the agent looks for', () => heard.has('ContactStatus') || undefined, {
      deadlineMs: 5_000,
      everyMs: 10,
    });

    expect(heard).not.toContain('TestEvent');
    events.end();
    await phone.close();
  });

  it('runs no commands by a function, the dialplan does: no text of a user stands in it (T12, T27)', async () => {
    const dialplan = '[general]\n[globals]\n[c]\nexten => 1,1,Set(GLOBAL(RAN)=${SHELL(printf yes)})\n';
    const more = `${modulesConf()}load=func_shell.so\n`;
    await asterisk.boot({ ...FILES, 'extensions.conf': dialplan, 'modules.conf': more });
    const phone = await SipClient.open(PORT);
    await phone.request('INVITE', '1', { from: 'one', auth: login('one') });

    expect(await asterisk.value('SHELL(printf yes)')).toBe('');
    await asterisk.says(/Dangerous function SHELL read blocked/);
    expect(await asterisk.value('RAN')).toBe('yes');
    await phone.close();
  });
});

/** Events as they come from the wire. */
function rawEvents(): { names(): string[]; end(): void } {
  const { port, username, secret } = asterisk.managerAddress;
  let text = '';
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('data', data => {
    text += String(data);
  });
  socket.write(`Action: Login\r\nUsername: ${username}\r\nSecret: ${secret}\r\nEvents: on\r\n\r\n`);
  return {
    names: () => [...text.matchAll(/^Event: (\w+)/gm)].map(([, name = '']) => name),
    end: () => socket.destroy(),
  };
}

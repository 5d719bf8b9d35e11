import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { problem } from '../../problem.ts';
import { freePorts } from '../ports.ts';
import { Rig } from '../rig.ts';
import { SipClient } from '../sip.ts';

/**
 * Whatever I send that is refused stands in Asterisk's log. So I write what Asterisk says of a bad configuration while an
 * administrator edits: let her PBX throw out her users, and refuse all that she does next.
 */
const PORT = await freePorts();
const TRUNK = 'acme_t-raw';
const REGISTRATION = 'res_pjsip_outbound_registration.c';
let rig: Rig;
let jane: SipClient;
let carrier: SipClient;

beforeAll(async () => {
  carrier = await SipClient.open(PORT, '127.0.0.5', PORT + 30);
  carrier.reply = ({ method }) => ({ code: method === 'REGISTER' ? 503 : 486 });
  rig = await Rig.start(PORT, {
    users: { jane: { extension: '1001' }, john: { extension: '1002' }, carol: { extension: '1004' } },
  });
  const stringData = { username: 'us', password: 'carrier-password' };
  const servers = [{ name: 'a', host: '127.0.0.5', port: PORT + 30 }];
  await rig.edit(async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'carrier' }, stringData };
    await rig.write('carrier-secret.yaml', stringify(secret));
    await rig.put('Trunk', 'raw', {
      servers,
      health: { optionsSeconds: 0 },
      credentialsSecretRef: { name: 'carrier' },
      register: { enabled: true },
    });
  });
  jane = await SipClient.open(PORT);
  await writes(levels => !levels.includes('NOTICE'));
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([jane?.close(), carrier?.close()]);
});

const CODE = (uri: string, server = 'x'): string =>
  `'403' fatal response received from '${server}' on registration attempt to '${uri}', retrying in '30' seconds`;

/** What I write, of whom I know that they are there. */
const WORDS = [
  `'acme_1002' is bad`,
  `parse error: no closing bracket`,
  `Could not create an object of type 'endpoint' with id 'acme_1002' from configuration file 'pjsip_endpoint.conf'`,
  `parse error, line 3 of /x/pjsip_endpoint.conf`,
  CODE('sip:us@127.0.0.5'),
];
const SOURCES = ['pbx.c', 'config.c', 'res_sorcery_config.c', REGISTRATION];
const PLAIN = SOURCES.flatMap(source => WORDS.map(words => `[2026-11-24 13:45:46.357] ERROR[1] ${source}: ${words}`));
const JSON_LINES = SOURCES.flatMap(source => WORDS.map(words => problem(source, words).trim()));

/** A request from each of them, fifty a second, until it is stopped. */
async function storm(names: readonly string[]): Promise<() => Promise<void>> {
  const socket = createSocket('udp4');
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.9', resolve));
  const stop = new AbortController();
  const sending = (async () => {
    for (let at = 0; !stop.signal.aborted; at++) {
      socket.send(register(names[at % names.length] ?? '', at), PORT, '127.0.0.1');
      await systemClock.sleep(20, stop.signal).catch(() => undefined);
    }
  })();
  return async () => {
    stop.abort();
    await sending;
    await new Promise<void>(resolve => socket.close(() => resolve()));
  };
}

function register(from: string, count: number): string {
  const id = `${process.pid}-${count}-${Math.trunc(systemClock.monotonic())}`;
  return [
    'REGISTER sip:acme.example SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.9:5999;branch=z9hG4bK${id}`,
    `From: ${from};tag=${id}`,
    'To: <sip:nobody@x>',
    `Call-ID: ${id}`,
    'CSeq: 1 REGISTER',
    'Contact: <sip:x@127.0.0.9:5999>',
    'Max-Forwards: 70',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** An administrator edits carol; what she sees of it. */
async function edit(fullName: string): Promise<void> {
  await rig.edit(() => rig.put('SipUser', 'carol', { extension: '1004', fullName }));
  await until('the restart check', () => (rig.pbx.report.restartSafe.status === 'True' ? true : undefined), {
    deadlineMs: 30_000,
  });
  const { bundle, quarantined } = rig.pbx.report;
  expect([quarantined, bundle.error, bundle.loaded === bundle.seen]).toEqual([[], undefined, true]);
  expect(rig.condition('SipUser', 'john', 'Stalled')?.status ?? 'False').toBe('False');
  const callerId = await rig.pbx.agent.client?.command('pjsip show endpoint acme_1004');
  expect(callerId).toContain(fullName);
}

describe('without credentials', () => {
  it.each([
    ['a name that begins behind a bracket', PLAIN.map(line => `"${line.slice(line.indexOf(']'))}" <sip:n@x>`)],
    ['a name like a whole line', PLAIN.map(line => `"${line}" <sip:n@x>`)],
    ['a name like a line of JSON', JSON_LINES.map(line => `"${line.replaceAll('"', '\\"')}" <sip:n@x>`)],
    ['a user of many lines', PLAIN.map(line => `<sip:%0a${encodeURIComponent(line)}@x>`)],
    ['a user of many lines of JSON', JSON_LINES.map(line => `<sip:%0a${encodeURIComponent(line)}@x>`)],
  ])('%s makes nobody bad, and the edit is in force', async (what, names) => {
    const before = await read('messages');
    const stop = await storm(names);
    try {
      const isLogged = async () => {
        // It writes all of that, as while something is loaded. After the first look at a new Asterisk the agent ends that.
        await rig.pbx.agent.client?.command('logger reload');
        return (await read('messages')).length > before.length + 1_000 || undefined;
      };
      await until('it to be logged', isLogged, { deadlineMs: 15_000, everyMs: 500 });
      await edit(what.replaceAll(' ', '-').slice(0, 30));
    } finally {
      await stop();
    }
  });
});

describe('with a phone of mine', () => {
  it('a number of many lines makes nobody bad, and tells no trunk’s code', async () => {
    const auth = rig.credentials('jane');
    const { ClientUri: uri = '', ServerUri: server = '' } = (await outbound())[0] ?? {};
    expect(uri).toContain('us@127.0.0.5');
    expect(server).toContain('127.0.0.5');
    const words = [
      ...PLAIN,
      ...JSON_LINES,
      `[x] WARNING[9] ${REGISTRATION}: ${CODE(uri, server)}`,
      problem(REGISTRATION, CODE(uri, server)),
    ];
    const dial = async (): Promise<void> => {
      for (const line of words) {
        const number = `z%0a${encodeURIComponent(line)}%0a`;
        await jane.request('INVITE', number, { from: auth.username, auth, deadlineMs: 5_000 }).catch(() => undefined);
      }
    };
    const refused = (): number | undefined => rig.pbx.report.trunks[TRUNK]?.lastCode;
    await until('the carrier’s answer to be known', () => refused(), { deadlineMs: 20_000 });

    await Promise.all([dial(), edit('lines')]);

    expect(refused()).toBe(503);
    expect(rig.pbx.report.trunks[TRUNK]?.lastText).toBe('Service Unavailable');
  });
});

it('nothing that I wrote stands in what people read', () => {
  const told = JSON.stringify([rig.pbx.report, rig.said, rig.pbx.plan?.statuses, rig.pbx.plan?.events]);

  expect(told).not.toMatch(/is bad|parse error|fatal response/);
});

it('a carrier that refuses what it took before is told with its code, though nothing of that was written then', async () => {
  carrier.reply = ({ method, headers }) =>
    method === 'REGISTER'
      ? { code: 200, headers: { Contact: headers.get('contact')?.[0] ?? '', Expires: '600' } }
      : { code: 486 };
  const trunk = () => rig.pbx.report.trunks[TRUNK];
  await until('the carrier to take it', () => trunk()?.registration === 'Registered' || undefined, {
    deadlineMs: 30_000,
  });
  await writes(levels => !levels.includes('WARNING'));

  carrier.reply = () => ({ code: 503 });
  await rig.pbx.agent.client?.action('PJSIPRegister', { Registration: TRUNK });

  await until('the code to be known', () => trunk()?.lastCode === 503 || undefined, { deadlineMs: 30_000 });
  expect(trunk()?.registration).not.toBe('Registered');
});

/** Waits until the agent has had Asterisk write of these levels. */
async function writes(wanted: (levels: string) => boolean): Promise<void> {
  const isSo = async () => {
    const shown = await rig.pbx.agent.client?.command('logger show channels');
    return (shown !== undefined && wanted(shown)) || undefined;
  };
  await until('the logs to be as wanted', isSo, { deadlineMs: 30_000 });
}

async function outbound() {
  return (await rig.pbx.agent.client?.list('PJSIPShowRegistrationsOutbound')) ?? [];
}

function read(name: string): Promise<string> {
  return readFile(join(rig.directory, '.ringfleet/log', name), 'utf8').catch(() => '');
}

import { utimes } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reload } from '../../../src/agent/ami/actions.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { type Dialog, SipClient } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/** How an address is refused, what that costs, and what it does to others. */
const USERS = Array.from({ length: 1_000 }, (_one, n) => `u${n}`);
const PORT = await freePorts();
let asterisk: BareAsterisk;
let phone: SipClient;
let banned: SipClient;
let call: Dialog | undefined;
/** Each sent one request, which was challenged or refused. */
let challenged: Connection;
let refused: Connection;

beforeAll(async () => {
  asterisk = await BareAsterisk.start(PORT, {
    ...userFiles(...USERS),
    'extensions.conf': '[c]\nexten => 1,1,Answer()\n same => n,Wait(600)\n',
    'pjsip_transport.conf': ['udp', 'tcp']
      .map(one => `[${one}]\ntype=transport\nprotocol=${one}\nbind=0.0.0.0:${PORT}\n`)
      .join(''),
  });
  phone = await SipClient.open(PORT);
  banned = await SipClient.open(PORT, '127.0.0.9');
  const auth = login('u1');
  expect((await phone.register('u1', { auth })).final.code).toBe(200);
  call = (await phone.request('INVITE', '1', { from: 'u1', auth })).dialog;
  challenged = await Connection.open('127.0.0.4');
  expect(await challenged.answer()).toContain('401');
});

afterAll(async () => {
  for (const one of [challenged, refused]) one?.socket.destroy();
  await Promise.all([phone, banned].map(client => client?.close()));
  await asterisk?.remove();
});

class Connection {
  readonly socket: Socket;
  closed = false;
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', chunk => {
      this.#text += String(chunk);
    });
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static async open(localAddress: string): Promise<Connection> {
    const socket = connect({ host: '127.0.0.1', port: PORT, localAddress });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const own = { Via: `SIP/2.0/TCP ${localAddress};branch=z9hG4bK1`, From: '<sip:u1@x>;tag=1', To: '<sip:u1@x>' };
    const headers = { ...own, 'Call-ID': localAddress, CSeq: '1 OPTIONS', 'Max-Forwards': '70', 'Content-Length': '0' };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`OPTIONS sip:u1@127.0.0.1 SIP/2.0\r\n${lines.join('')}\r\n`);
    return new Connection(socket);
  }

  /** The first line of what came. */
  answer(): Promise<string> {
    const first = (): string | undefined => /^SIP.*/m.exec(this.#text)?.[0];
    return until('an answer', first, { deadlineMs: 5_000, everyMs: 10 });
  }
}

/** As the agent does it. */
async function refuse(...addresses: readonly string[]): Promise<void> {
  const lines = addresses.map(address => `deny=${address}/32\n`);
  await asterisk.put({ 'pjsip_acl.conf': lines.length > 0 ? `[banned]\ntype=acl\n${lines.join('')}` : '; none\n' });
  const now = new Date(systemClock.now());
  await utimes(join(asterisk.places.config, 'acl.conf'), now, now);
  await reload(asterisk.client, 'acl', 10_000);
}

function becomes(client: SipClient, wanted: number): Promise<true> {
  const has = async (): Promise<true | undefined> =>
    (await client.request('OPTIONS', 'u1', { from: 'u1' })).final.code === wanted || undefined;
  return until(`${client.address} to be answered ${wanted}`, has, { deadlineMs: 5_000, everyMs: 20 });
}

it('the module of refused addresses is loaded, and has no reload of its own', async () => {
  expect(await asterisk.client.command('module show like res_pjsip_acl')).toContain('Running');
  await asterisk.put({ 'pjsip_acl.conf': '[banned]\ntype=acl\ndeny=127.0.0.9/32\n' });
  await reload(asterisk.client, 'res_pjsip_acl.so', 10_000).catch(() => undefined);
  await reload(asterisk.client, 'acl', 10_000); // acl.conf is as old as before
  expect((await banned.request('OPTIONS', 'u1', { from: 'u1' })).final.code).toBe(401);
});

it('a refused address is refused before anything else is looked at, others are not', async () => {
  await refuse('127.0.0.9');
  await becomes(banned, 403);
  expect((await banned.register('u2', { auth: login('u2') })).final.code).toBe(403);
  expect((await phone.register('u1', { auth: login('u1') })).final.code).toBe(200);
  refused = await Connection.open('127.0.0.9');
  expect(await refused.answer()).toContain('403');
});

it('of 1,000 users, 50 changes are read in moments, and drop no call, no registration, no connection', async () => {
  const began = systemClock.monotonic();
  for (let n = 0; n < 50; n++) await refuse('127.0.0.9', `198.51.100.${n}`);
  const each = (systemClock.monotonic() - began) / 50;
  console.log(`A change of refused addresses takes ${each.toFixed(1)} ms`);
  expect(each).toBeLessThan(200);
  await becomes(banned, 403);
  expect(await asterisk.client.command('core show channels count')).toContain('1 active call');
  expect(await asterisk.client.command('pjsip show contacts')).toContain(`client@127.0.0.4:${phone.port}`);
  expect(challenged.closed).toBe(false);
});

it('a connection is closed after half a minute when its only request was refused, and never when it was challenged', async () => {
  await until('the refused one to be closed', () => refused.closed || undefined, { deadlineMs: 60_000 });
  expect(challenged.closed).toBe(false);
  await refuse();
  await becomes(banned, 401);
  await phone.hangUp(call);
});

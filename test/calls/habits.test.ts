import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sayInLog } from '../../src/agent/ami/actions.ts';
import type { AmiClient } from '../../src/agent/ami/client.ts';
import { until } from '../../src/runtime/clock.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { authorization, type RequestOptions, SipClient } from './sip.ts';

/** What phones send by habit, day and night, wanted or not: it must fill neither what people read nor the disk. */
const PORT = await freePorts();
const PHONE = '127.0.0.4';
const TIMES = 50;
const LOGS = ['messages', 'problems'];
/** So that what it says in its log is written there, whatever is written elsewhere. */
const MARKS = 'marks';
let rig: Rig;
let phone: SipClient;
let marks = 0;

beforeAll(async () => {
  rig = await Rig.start(PORT, { users: { jane: { extension: '1001' }, john: { extension: '1002' } } });
  phone = await SipClient.open(PORT, PHONE);
  await register(); // an address from which somebody has logged in is not banned
  await errorsAlone();
});

afterAll(async () => {
  await rig?.stop();
  await phone?.close();
});

function register(more: Parameters<SipClient['register']>[1] = {}) {
  const auth = rig.credentials('jane');
  return phone.register(auth.username, { auth, to: auth.username, ...more });
}

/** Of jane's phone, with her password. */
function ask(method: string, to: string, more: Partial<RequestOptions> = {}) {
  const auth = rig.credentials('jane');
  return phone.request(method, to, { from: auth.username, auth, to: 'somebody', ...more });
}

function subscribe(to: string, headers: Record<string, string>) {
  return ask('SUBSCRIBE', to, { headers: { Expires: '60', ...headers } });
}

function publish(event: string, type: string) {
  return ask('PUBLISH', '1001', { headers: { Event: event, Expires: '60' }, body: { type, text: '<x/>' } });
}

const OLD_NONCE = 'Digest realm="acme.example", nonce="1700000000/0123456789abcdef", algorithm=MD5, qop="auth"';

/** From before a restart of the PBX. */
function registerWithOldNonce() {
  const auth = rig.credentials('jane');
  const Authorization = authorization(OLD_NONCE, 'REGISTER', `sip:127.0.0.1:${PORT}`, auth);
  return phone.register(auth.username, { headers: { Authorization } });
}

async function connectAndLeave(): Promise<void> {
  const socket = connect({ port: PORT, host: '127.0.0.1', localAddress: PHONE });
  await once(socket, 'connect');
  const via = `Via: SIP/2.0/TCP ${PHONE}:${socket.localPort};branch=z9hG4bK${socket.localPort}`;
  const who = `From: <sip:jane@x>;tag=${socket.localPort}\r\nTo: <sip:x@x>\r\nCall-ID: ${socket.localPort}`;
  socket.write(`OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n${via}\r\n${who}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`);
  await once(socket, 'data');
  socket.destroy();
  await once(socket, 'close');
}

/** A packet that nobody answers, then a request that somebody does: by then the packet was read. */
async function packet(bytes: Buffer): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>(resolve => socket.bind(0, PHONE, resolve));
  await new Promise<void>(resolve => socket.send(bytes, PORT, '127.0.0.1', () => resolve()));
  await new Promise<void>(resolve => socket.close(() => resolve()));
  await ask('OPTIONS', '');
}

const HABITS: Record<string, () => Promise<unknown>> = {
  'SUBSCRIBE as-feature-event': () => subscribe('1001', { Event: 'as-feature-event' }),
  'SUBSCRIBE ua-profile': () => subscribe('1001', { Event: 'ua-profile' }),
  'SUBSCRIBE message-summary': () => subscribe('1001', { Event: 'message-summary' }),
  'SUBSCRIBE dialog of nobody': () => subscribe('7777', { Event: 'dialog' }),
  'SUBSCRIBE without an event': () => subscribe('1001', {}),
  'SUBSCRIBE that accepts what nobody has': () => subscribe('1001', { Event: 'dialog', Accept: 'application/x' }),
  'SUBSCRIBE for a second': () => subscribe('1001', { Event: 'dialog', Expires: '1' }),
  'SUBSCRIBE for no time': () => subscribe('1002', { Event: 'presence', Expires: '0' }),
  'PUBLISH presence': () => publish('presence', 'application/pidf+xml'),
  'PUBLISH the quality of a call': () => publish('vq-rtcpxr', 'application/vq-rtcpxr'),
  MESSAGE: () => ask('MESSAGE', '1002', { body: { type: 'text/plain', text: 'hello' } }),
  INFO: () => ask('INFO', '1002'),
  REFER: () => ask('REFER', '1002', { headers: { 'Refer-To': '<sip:1001@acme.example>' } }),
  'NOTIFY keep-alive': () => ask('NOTIFY', '', { headers: { Event: 'keep-alive' } }),
  UPDATE: () => ask('UPDATE', '1002'),
  'an unknown method': () => ask('FOO', '1002'),
  OPTIONS: () => ask('OPTIONS', ''),
  'OPTIONS of nobody': () => ask('OPTIONS', '7777'),
  'OPTIONS without a password': () => phone.request('OPTIONS', '', { from: 'jane', to: 'somebody' }),
  'REGISTER without a password': () => phone.register(rig.credentials('jane').username, {}),
  'REGISTER of nobody': () => phone.register('nobody', { auth: { username: 'nobody', password: 'x' } }),
  'REGISTER with a wrong password': () => register({ auth: { ...rig.credentials('jane'), password: 'x' } }),
  'REGISTER with an old nonce': registerWithOldNonce,
  'REGISTER for too short a time': () => register({ expires: 1 }),
  'REGISTER of a contact that is none': () => register({ contact: 'sip:x@0.0.0.0' }),
  'INVITE of nobody': () => ask('INVITE', '7777'),
  'INVITE without a codec of ours': () => ask('INVITE', '1002', { sdp: 'm=audio 40000 RTP/AVP 18' }),
  'CANCEL of nothing': () => ask('CANCEL', '1002'),
  'BYE of nothing': () => ask('BYE', '1002'),
  'a line break that keeps a way open': () => packet(Buffer.from('\r\n\r\n')),
  'zeros that keep a way open': () => packet(Buffer.alloc(4)),
  STUN: () => packet(Buffer.from('000100002112a442000102030405060708090a0b', 'hex')),
  'a connection that ends': connectAndLeave,
};

it.each(Object.entries(HABITS))('%s makes no line', async (_, habit) => {
  const before = await written();
  for (let count = 0; count < TIMES; count++) await habit();
  const after = await written();

  expect(after).toEqual(before);
});

it('while Asterisk writes everything, as it does for a load, there is a line for each', async () => {
  await client().command('logger reload');
  const before = await written();
  for (let count = 0; count < TIMES; count++) await subscribe('1001', { Event: 'as-feature-event' });
  const after = await written();

  for (const [index, text] of after.entries()) {
    const lines = text.slice(before[index]?.length).split('\n');
    expect(lines.filter(line => line.includes('as-feature-event'))).toHaveLength(TIMES);
  }
});

it('after an edit Asterisk writes errors alone again', async () => {
  await rig.edit(() => rig.put('SipUser', 'john', { extension: '1002', fullName: 'John' }));

  await errorsAlone();
});

function client(): AmiClient {
  const { client: connected } = rig.pbx.agent;
  if (!connected) throw new Error('The agent has no Asterisk');
  return connected;
}

async function errorsAlone(): Promise<void> {
  const isSo = async () => !/WARNING|NOTICE/.test(await client().command('logger show channels')) || undefined;
  await until('errors alone to be written', isSo, { deadlineMs: 30_000 });
}

/** What stands in each log when all that was said until now does. */
async function written(): Promise<string[]> {
  const mark = `ringfleet/habit-${marks++}`;
  await client().command(`logger add channel ${MARKS} notice`); // gone after a load
  await sayInLog(client(), mark);
  await until('the log to be written', async () => (await read(MARKS)).includes(mark) || undefined, {
    deadlineMs: 10_000,
  });
  return Promise.all(LOGS.map(read));
}

function read(name: string): Promise<string> {
  return readFile(join(rig.directory, '.ringfleet/log', name), 'utf8').catch(() => '');
}

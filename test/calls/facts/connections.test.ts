import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openConnections } from '../../../src/agent/tcp-connections.ts';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { SipClient } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/** How many TCP connections an Asterisk keeps, and how it gets them back. */
const PORT = await freePorts();
const MOST = 1_020;
let asterisk: BareAsterisk;
const held: Socket[] = [];

beforeAll(async () => {
  asterisk = await BareAsterisk.start(PORT, {
    ...userFiles('one'),
    'pjsip_transport.conf': ['udp', 'tcp']
      .map(one => `[${one}]\ntype=transport\nprotocol=${one}\nbind=127.0.0.1:${PORT}\n`)
      .join(''),
  });
});

afterAll(async () => {
  for (const socket of held) socket.destroy();
  await asterisk?.remove();
});

/** One more connection, whose only request is challenged. False: it was closed at once. */
function answered(): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port: PORT, localAddress: `127.0.1.${1 + (held.length % 200)}` });
  held.push(socket);
  const headers = `Via: SIP/2.0/TCP x;branch=z9hG4bK${held.length}\r\nFrom: <sip:one@x>;tag=1\r\nTo: <sip:one@x>\r\nCall-ID: ${held.length}\r\n`;
  socket.write(
    `OPTIONS sip:one@x SIP/2.0\r\n${headers}CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n`,
  );
  return new Promise(resolve => {
    socket.once('data', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

const open = async (): Promise<number> => openConnections(await readFile('/proc/net/tcp', 'utf8'), PORT);

it('keeps 1,020 whatever the process may open, closes all others at once, and answers on UDP', async () => {
  let kept = 0;
  while (kept <= MOST && (await answered())) kept++;
  expect(kept).toBe(MOST);
  expect(await open()).toBe(MOST);
  expect(await answered()).toBe(false);
  const phone = await SipClient.open(PORT);
  expect((await phone.register('one', { auth: login('one') })).final.code).toBe(200);
  await phone.close();
});

it('has them back when the other side closes them', async () => {
  for (const socket of held.splice(0)) socket.destroy();
  const again = async (): Promise<true | undefined> => (await answered()) || undefined;
  await until('another one to be answered', again, { deadlineMs: 10_000 });
});

import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startedAt } from '../../../src/agent/ami/queries.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { Rig } from '../rig.ts';
import { SipClient } from '../sip.ts';

/** I need no password and one packet: a Record-Route that is no SIP URI, in the name of a phone that is there. */
const PORT = await freePorts();
let rig: Rig;
let jane: SipClient;

beforeAll(async () => {
  rig = await Rig.start(PORT, { users: { jane: { extension: '1001' } } });
  jane = await SipClient.open(PORT);
});

afterAll(async () => {
  await rig?.stop();
  await jane?.close();
});

const ROUTES = [
  'Record-Route: <http://x>',
  'Record-Route: http://x',
  'Record-Route: g:a',
  'Record-Route: <g:a>',
  'Record-Route: <g:a>;lr',
  'Record-Route: "x" <http://y>',
  'Record-Route: x <http://y>',
  'Record-Route:   <http://x>',
  'record-route: <urn:x:y>',
  'Record-Route: <HTTP://x>, <sip:a@127.0.0.9;lr>',
  'Record-Route: <sip:a@127.0.0.9;lr>, <http://x>',
  'Record-Route: <tel:+15550100>',
  'Record-Route: <sipx:a@b>',
  'Record-Route: <sipsx:a@b>',
  'Record-Route: <s:a>',
  'Record-Route: <si:a>',
  'Record-Route: <SIP:a@127.0.0.9;lr>',
];
const METHODS = ['OPTIONS', 'INVITE', 'MESSAGE', 'SUBSCRIBE', 'REGISTER'];

it('the PBX lives on, and phones register', async () => {
  const { client } = rig.pbx.agent;
  const started = client && (await startedAt(client));
  const socket = createSocket('udp4');
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.9', resolve));
  const { port } = socket.address();
  for (const method of METHODS) {
    for (const [at, route] of [...ROUTES, ...ROUTES, ...ROUTES].entries()) {
      const lines = [
        `${method} sip:1001@127.0.0.1:${PORT} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.9:${port};rport;branch=z9hG4bK${method}${at}`,
        'Max-Forwards: 70',
        `From: <sip:acme_1001@127.0.0.1>;tag=f${at}`,
        'To: <sip:1001@127.0.0.1>',
        `Call-ID: ${method}-${at}`,
        `CSeq: 1 ${method}`,
        `Contact: <sip:x@127.0.0.9:${port}>`,
        route,
        'Content-Length: 0',
      ];
      socket.send(`${lines.join('\r\n')}\r\n\r\n`, PORT, '127.0.0.1');
      await systemClock.sleep(1); // one after the other, as far as the order goes
    }
  }
  const auth = rig.credentials('jane');
  const { final } = await jane.register(auth.username, { auth });

  expect(final.code).toBe(200);
  expect(rig.pbx.agent.client).toBe(client);
  expect(client && (await startedAt(client))).toBe(started);
  await new Promise<void>(resolve => socket.close(() => resolve()));
});

import { describe, expect, it } from 'vitest';
import type { AmiClient } from '../ami/client.ts';
import { openConnections, Steps, TcpConnectionsProbe } from './tcp-connections.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:13C4 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:13C4 0200007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:13C4 0200007F:C351 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
   3: 0100007F:13C4 0200007F:C352 06 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
   4: 0200007F:C350 0100007F:13C4 01 00000000:00000000 00:00000000 00000000     0        0 5 1 0 20 4 30 10 -1
   5: 0100007F:0050 0200007F:C353 01 00000000:00000000 00:00000000 00000000     0        0 6 1 0 20 4 30 10 -1
`;

it.each([
  [5060, 2],
  [80, 1],
  [5061, 0],
])('counts what is open to port %d: %d', (port, count) => {
  expect(openConnections(TABLE, port)).toBe(count);
});

it('counts nothing where there is no such table', () => {
  expect(openConnections('', 5060)).toBe(0);
});

it('tells of whole steps only', () => {
  const steps = new Steps();
  const told = [0, 30, 49, 50, 99, 51, 100, 60, 51, 50, 49, 1000, 960, 1020, 0].map(count => steps.of(count));
  const none = undefined;
  expect(told).toEqual([none, none, none, 50, 50, 50, 100, 100, 100, 50, none, 1000, 1000, 1000, none]);
});

describe('the report of them', () => {
  const client = {} as AmiClient;
  const line = '   1: 0100007F:13C4 0200007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2\n';

  it('has none while there is no port, and none below a step', async () => {
    const probe = new TcpConnectionsProbe(async () => line);

    expect(await probe.look(client, { trunkIds: [], sipPort: undefined })).toEqual({});
    expect(await probe.look(client, { trunkIds: [], sipPort: 5060 })).toEqual({});
  });

  it('has those to the SIP port', async () => {
    const probe = new TcpConnectionsProbe(async () => line.repeat(120));

    expect(await probe.look(client, { trunkIds: [], sipPort: 5060 })).toEqual({ tcpConnections: 100 });
    expect(await probe.look(client, { trunkIds: [], sipPort: 5061 })).toEqual({});
  });
});

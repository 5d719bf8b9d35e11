import { expect, it } from 'vitest';
import { IDLE_REPORT } from '../../../test/snapshots.ts';
import type { AgentReport } from '../../api/report.ts';
import { connectionPressure } from './connections.ts';

/** So many phones by TCP, and as many by UDP. */
function phones(count: number): AgentReport['contacts'] {
  const one = { uri: 'sip:a@192.0.2.1', userAgent: '', source: '', since: '', state: 'Reachable' } as const;
  const both = ['TCP', 'UDP'].map(transport => ({ ...one, transport }));
  return Object.fromEntries(Array.from({ length: count }, (_one, n) => [`acme_${n}`, both]));
}

it.each([undefined, 0, 800])('says nothing of %s connections', tcpConnections => {
  const report = tcpConnections === undefined ? IDLE_REPORT : { ...IDLE_REPORT, tcpConnections };
  expect(connectionPressure(report)).toEqual([]);
});

it('says that phones need them, and what else they can use', () => {
  const [condition] = connectionPressure({ ...IDLE_REPORT, tcpConnections: 850, contacts: phones(840) });
  expect(condition).toMatchObject({ type: 'ConnectionPressure', status: 'True', reason: 'NearLimit' });
  expect(condition?.message).toMatch(/^About 850 of 1020 TCP connections .* Let phones use UDP/);
});

it('says that somebody else holds them, and what to do about it', () => {
  const [condition] = connectionPressure({ ...IDLE_REPORT, tcpConnections: 1_000, contacts: phones(12) });
  expect(condition?.message).toMatch(
    /^About 1000 of 1020 .* Only 12 belong to registered phones: allow the TCP port from your own networks only/,
  );
});

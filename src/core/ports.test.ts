import { expect, it } from 'vitest';
import { carryOut, NOW, settle, snapshot, user } from '../../test/snapshots.ts';
import { compile } from './compile.ts';
import type { PublicPorts } from './snapshot.ts';

const users = [user('any', '1001'), user('tcp', '1002', { sip: { transport: 'TCP' } }, 2)];

function at(publicPorts: PublicPorts) {
  return snapshot({ users, platform: { ...snapshot().platform, publicPorts } });
}

function ports(plan: ReturnType<typeof compile>): unknown[] {
  const secrets = plan.apply.filter(({ metadata }) => metadata.name.endsWith('-sip') && metadata.name !== 'acme-sip');
  const told = plan.statuses.filter(({ kind }) => kind === 'SipUser');
  return [
    ...secrets.map(({ data }) => Number(atob((data as Record<string, string>)['port'] ?? ''))),
    ...told.map(({ status }) => (status['sip'] as { port: number }).port),
    plan.statuses.flatMap(({ status }) => (status['sip'] as { ports?: unknown })?.ports ?? []),
  ];
}

it('names each transport’s own node port', () => {
  const { plan } = settle(at({ udp: 30001, tcp: 30002 }));
  expect(ports(plan)).toEqual([30001, 30002, 30001, 30002, [{ udp: 30001, tcp: 30002 }]]);
});

it('follows a port that changes, whatever is remembered', () => {
  const { snapshot: before, plan } = settle(at({ udp: 30001, tcp: 30002 }));
  const after = carryOut(before, plan);
  const next = compile({ ...after, platform: at({ udp: 30003, tcp: 30004 }).platform }, NOW);
  expect(ports(next)).toEqual([30003, 30004, 30003, 30004, [{ udp: 30003, tcp: 30004 }]]);
});

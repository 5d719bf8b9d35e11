import { expect, it } from 'vitest';
import { organization, settle, snapshot, user } from '../../test/snapshots.ts';
import { conditionsOf } from './status/conditions.ts';

const TCP = { sip: { transport: 'TCP' } };

interface Case {
  readonly tcp?: number;
  readonly others?: number;
  readonly limit?: number;
  readonly byDefault?: boolean;
  /** The message begins so; absent: nothing is said. */
  readonly said?: string;
}

it.each<Case>([
  { limit: 5_000 },
  { limit: 1_020, byDefault: true },
  {
    limit: 1_021,
    byDefault: true,
    said: 'Phones use TCP by userDefaults.sip.transport, and limits.users allows 1021',
  },
  { limit: 1_030, others: 10, byDefault: true },
  {
    limit: 1_031,
    others: 10,
    byDefault: true,
    said: 'Phones use TCP by userDefaults.sip.transport, and limits.users allows 1021',
  },
  { limit: 5_000, tcp: 1_020, others: 5 },
  { limit: 5_000, tcp: 1_021, others: 5, said: '1021 users have phones on TCP' },
  { limit: 5_000, tcp: 1_021, byDefault: true, said: '1021 users have phones on TCP' },
  // who is not served connects nothing
  { limit: 1_020, tcp: 1_100 },
])('$tcp on TCP, $others others, at most $limit, TCP by default: $byDefault', ({
  tcp = 0,
  others = 0,
  limit = 50,
  byDefault,
  said,
}) => {
  const all = Array.from({ length: tcp + others }, (_, index) =>
    user(`u${index}`, String(10_000 + index), index < tcp ? TCP : { sip: { transport: 'UDP' } }),
  );
  const spec = { limits: { users: limit }, ...(byDefault ? { userDefaults: TCP } : {}) };
  const { plan } = settle(snapshot({ organizations: [organization(spec)], users: all }));

  const status = plan.statuses.find(({ kind }) => kind === 'Organization')?.status;
  const found = conditionsOf(status);
  const warned = found.find(({ type }) => type === 'Warning');
  expect(found.find(({ type }) => type === 'Stalled')).toBeUndefined();
  if (said === undefined) {
    expect(warned).toBeUndefined();
    return;
  }
  expect(warned).toMatchObject({ status: 'True', reason: 'TooManyTcpPhones' });
  expect(warned?.message.startsWith(said)).toBe(true);
  expect(warned?.message).toMatch(/can have 1020 TCP connections.*Let phones use UDP, or split the organization$/);
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Contact } from '../../src/api/report.ts';
import { Rig } from './operator-rig.ts';

/** All phones of a tenant register at once: few writes a second, the truth in the end, and nobody waits for it. */
const USERS = 1_000;
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
  rig.namespace('acme');
  rig.put('Organization', 'acme', 'acme', { sipDomain: 'acme.example', limits: { users: 2 * USERS } });
  for (let i = 0; i < USERS; i++) rig.user('acme', `user-${i}`, String(10_000 + i));
  rig.start();
  await rig.rest({ quietMs: 12_000 });
}, 120_000);
afterEach(() => rig.end());

const statuses = (match: { name?: string } = {}) => rig.server.writes({ subresource: 'status', ...match }).length;

it('writes a bounded number of statuses a second, edits first, and ends with all of them right', {
  timeout: 120_000,
}, async () => {
  rig.agents
    .of('acme')
    .set({ contacts: Object.fromEntries(Array.from({ length: USERS }, (_, i) => contactOf(10_000 + i))) });
  await rig.clock.advance(1_000);
  const perSecond: number[] = [];
  rig.user('acme', 'zoe', '20000');
  let zoeReadyAfter: number | undefined;
  for (let second = 0; second < 120; second++) {
    const before = statuses();
    if (second === 20) rig.agents.of('acme').set({ calls: 7 });
    await rig.clock.advance(1_000);
    perSecond.push(statuses() - before);
    if (rig.condition('SipUser', 'acme', 'zoe')?.status === 'True') zoeReadyAfter ??= second + 1;
    if (second === 23) expect(calls()).toBe(7);
  }

  // fifty a second, counted by a clock that moves in steps
  expect(Math.max(...perSecond.slice(5))).toBeLessThanOrEqual(110);
  expect(zoeReadyAfter).toBeLessThanOrEqual(6);
  expect(
    rig.server
      .list('SipUser')
      .filter(user => !isRegistered(user))
      .map(({ metadata }) => metadata.name),
  ).toEqual(['zoe']);
  expect(perSecond.slice(-5)).toEqual([0, 0, 0, 0, 0]);
});

it('tells of the tenant first, and lets somebody new in after a handful of users', { timeout: 120_000 }, async () => {
  await rig.clock.advance(10_000); // the budget is full: a pass could write two hundred
  let written = 0;
  let before: number | undefined;
  let beforeTenant: number | undefined;
  const stop = rig.server.onWrite(({ object: { kind, metadata } }) => {
    if (kind === 'SipUser' && metadata.name !== 'zoe' && ++written === 1) rig.user('acme', 'zoe', '20000');
    if (kind === 'Secret' && metadata.name === 'zoe-sip') before ??= written;
    if (kind === 'Organization') beforeTenant ??= written;
  });
  rig.agents
    .of('acme')
    .set({ calls: 7, contacts: Object.fromEntries(Array.from({ length: USERS }, (_, i) => contactOf(10_000 + i))) });
  await rig.rest();
  stop();

  expect(beforeTenant).toBeLessThan(16);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(100);
});

function calls(): number | undefined {
  const status = rig.server.get('Organization', 'acme', 'acme')?.['status'];
  return (status as { pbx?: { pods?: { calls?: number }[] } } | undefined)?.pbx?.pods?.[0]?.calls;
}

function isRegistered({ metadata }: { metadata: { name: string } }): boolean {
  return rig.condition('SipUser', 'acme', metadata.name, 'Registered')?.status === 'True';
}

function contactOf(extension: number): [string, Contact[]] {
  const contact = {
    uri: `sip:${extension}@192.0.2.7:5060`,
    userAgent: 'phone',
    source: '192.0.2.7:5060',
    transport: 'UDP',
    since: '2026-01-01T00:00:00Z',
    state: 'Reachable',
  } as const;
  return [`acme_${extension}`, [contact]];
}

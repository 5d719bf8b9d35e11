import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** A child object that the server rejects keeps nothing else back, is reported, and is tried again. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
});
afterEach(() => rig.end());

function told(namespace: string): string[] {
  return rig.server
    .list('Event', namespace)
    .filter(event => event['reason'] === 'ChildRefused')
    .map(event => String(event['note']));
}

const services = { plural: 'services', namespace: 'acme', name: 'acme-sip' };
const shards = { plural: 'configmaps', namespace: 'acme', name: 'acme-pbx-2' };
const secrets = { plural: 'secrets', namespace: 'acme', name: 'acme-pbx-auth-1' };

describe.each([
  ['a quota', () => rig.server.faults.quota(services, 1e6), 'Service acme-sip'],
  ['its rules', () => rig.server.faults.invalid(services, 1e6), 'Service acme-sip'],
])('a child that is refused by %s', (_what, refuse, name) => {
  it('is reported, and all else goes on', async () => {
    refuse();
    rig.tenant('acme');
    rig.tenant('beta');
    const { operator } = rig.start();
    await rig.rest();

    expect(rig.condition('SipUser', 'acme', 'jane')).toMatchObject({ status: 'True' });
    expect(rig.condition('SipUser', 'beta', 'jane')).toMatchObject({ status: 'True' });
    expect(told('acme').join()).toContain(name);
    expect(told('beta')).toEqual([]);
    expect(rig.condition('Organization', 'acme', 'acme', 'ChildRefused')?.message).toContain(name);
    expect(rig.condition('Organization', 'beta', 'beta', 'ChildRefused')).toBeUndefined();
    expect(await operator.registry.metrics()).toMatch(/ringfleet_refused_children_total\{kind="Service"\} [1-9]/);
  });

  it('is there soon after the reason is gone', async () => {
    refuse();
    rig.tenant('acme');
    rig.start();
    await rig.rest();
    rig.server.faults.clear();
    await rig.clock.until('the child', () => rig.server.get('Service', 'acme', 'acme-sip'), { limitMs: 310_000 });
  });

  it('is asked for ever less often', async () => {
    refuse();
    rig.tenant('acme');
    rig.start();
    await rig.clock.advance(3_600_000);

    expect(rig.server.requests(services).length).toBeLessThan(40);
    expect(told('acme').length).toBeLessThan(4);
  });
});

it('never has the agent wait for a fragment that was refused: what it runs stays', async () => {
  rig.tenant('acme', { ann: '1001', bob: '1002', cat: '1003', dan: '1004' });
  rig.start();
  await rig.rest();
  const before = rig.server.get('ConfigMap', 'acme', 'acme-pbx');
  for (const match of [
    shards,
    { ...shards, name: 'acme-pbx-1' },
    { ...shards, name: 'acme-pbx-3' },
    { ...shards, name: 'acme-pbx-4' },
  ])
    rig.server.faults.invalid(match, 1e6);
  rig.user('acme', 'eve', '1005');
  await rig.rest();

  expect(rig.server.get('ConfigMap', 'acme', 'acme-pbx')).toEqual(before);
  expect(rig.condition('SipUser', 'acme', 'eve')).toMatchObject({ status: 'False', reason: 'Loading' });
  expect(rig.condition('SipUser', 'acme', 'ann')).toMatchObject({ status: 'True' });
  rig.server.faults.clear();
  await rig.clock.until('eve is ready', () => rig.condition('SipUser', 'acme', 'eve')?.status === 'True', {
    limitMs: 310_000,
  });
});

it('tells nothing of what a Secret has in it', async () => {
  rig.server.faults.refuse(secrets, 422, 'Invalid', { times: 1e6, message: 'Invalid value: "a-password"' });
  rig.tenant('acme');
  rig.start();
  await rig.rest();

  expect(told('acme').join()).toContain('acme-pbx-auth-1');
  expect(JSON.stringify(rig.server.list('Event'))).not.toContain('a-password');
  expect(JSON.stringify(rig.server.get('Organization', 'acme', 'acme'))).not.toContain('a-password');
});

it('tells everybody else what one status that is not taken cannot tell', async () => {
  rig.server.faults.invalid({ plural: 'sipusers', name: 'ann', subresource: 'status' }, 1e6);
  rig.tenant('acme', { ann: '1001', bob: '1002', cat: '1003' });
  rig.start();
  const isTrue = (condition: ReturnType<Rig['condition']>): boolean => condition?.status === 'True';
  await rig.clock.until('everybody else is ready', () => {
    const others = ['bob', 'cat'].map(name => rig.condition('SipUser', 'acme', name));
    return [...others, rig.condition('Organization', 'acme', 'acme')].every(isTrue);
  });
  expect(isTrue(rig.condition('SipUser', 'acme', 'ann'))).toBe(false);
  rig.server.faults.clear();
  await rig.clock.until('ann is ready', () => rig.condition('SipUser', 'acme', 'ann')?.status === 'True', {
    limitMs: 310_000,
  });
});

it.each([
  ['ConfigMap', 'acme-pbx'],
  ['ConfigMap', 'acme-pbx-0'],
  ['Secret', 'acme-pbx-auth-1'],
  ['Secret', 'ann-sip'],
])('makes a %s %s anew that somebody made immutable, and rests', async (kind, name) => {
  rig.tenant('acme', { ann: '1001', bob: '1002' });
  rig.start();
  await rig.settle();
  const { data } = rig.server.get(kind, 'acme', name) as { data?: unknown };
  rig.server.patch(kind, { namespace: 'acme', name }, { immutable: true });
  await rig.rest();
  expect(rig.server.get(kind, 'acme', name)).toMatchObject({ data });
  expect(rig.server.get(kind, 'acme', name)?.['immutable']).toBeUndefined();

  rig.server.watches.dropEvents(1, { plural: kind === 'Secret' ? 'secrets' : 'configmaps' });
  rig.server.patch(kind, { namespace: 'acme', name }, { immutable: true });
  rig.put('Organization', 'acme', 'acme', { sipDomain: 'acme.example', state: 'Suspended' });
  rig.user('acme', 'ann', '1001', { sip: { transport: 'TCP' } });
  rig.user('acme', 'cat', '1003');
  await rig.rest();
  expect(rig.condition('Organization', 'acme', 'acme', 'Suspended')).toMatchObject({ status: 'True' });
  expect(rig.condition('Organization', 'acme', 'acme', 'ChildRefused')).toBeUndefined();
  const { writes } = rig;
  await rig.clock.advance(60_000);
  expect(rig.writes).toBe(writes);
});

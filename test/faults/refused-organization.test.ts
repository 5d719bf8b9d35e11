import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROTATE_PASSWORD } from '../../src/core/names.ts';
import { Rig } from './operator-rig.ts';

/** A tenant breaks the Organization, by mistake or to escape a limit: everything stays under control. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('elder');
  rig.tenant('acme', { ann: '1001', bob: '1002' });
  rig.start();
  await rig.settle();
});
afterEach(() => rig.end());

const SPEC = { sipDomain: 'acme.example' };
const acme = (spec: Record<string, unknown>): void =>
  void rig.put('Organization', 'acme', 'acme', { ...SPEC, ...spec });
const ready = (tenant = 'acme') => rig.condition('Organization', tenant, tenant);
const status = (tenant = 'acme') =>
  rig.server.get('Organization', tenant, tenant)?.['status'] as {
    sip?: { domain: string };
    usage?: { users: unknown };
    effective?: unknown;
  };

function texts(tenant = 'acme'): string {
  const data = rig.server.list('ConfigMap', tenant).map(({ data: all }) => Object.values((all ?? {}) as object));
  return data.flat().join('\n');
}

interface Spoilt {
  /** What the tenant, or the provider, does. Returns the spec after that. */
  readonly how: () => Record<string, unknown> | Promise<Record<string, unknown>>;
  readonly reason: string;
}

const SPOILT: Readonly<Record<string, Spoilt>> = {
  'a domain that is another tenant’s': { how: () => ({ sipDomain: 'elder.example' }), reason: 'Conflict' },
  'a class that does not exist': { how: () => ({ className: 'none' }), reason: 'ClassNotFound' },
  'a class that was taken away': {
    how: async () => {
      acme({ className: 'hotel' });
      await rig.rest();
      rig.server.delete('OrganizationClass', '', 'hotel');
      return { className: 'hotel' };
    },
    reason: 'ClassNotFound',
  },
  'a class that is not offered to her': {
    how: () => {
      rig.server.patch(
        'OrganizationClass',
        { name: 'hotel' },
        { spec: { allowedNamespaces: { matchLabels: { vip: 'yes' } } } },
      );
      return { className: 'hotel' };
    },
    reason: 'ClassNotAllowed',
  },
  'a limit above the ceiling': {
    how: () => {
      rig.server.patch('OrganizationClass', { name: 'general' }, { spec: { ceilings: { limits: { trunks: 5 } } } });
      return { limits: { trunks: 6 } };
    },
    reason: 'AboveCeiling',
  },
  'a kind of Service that there is not': {
    how: () => ({ exposure: { signalling: { type: 'HostNetwork' } } }),
    reason: 'NotImplementedYet',
  },
};

describe.each(Object.entries(SPOILT))('an Organization that is refused for %s', (_what, { how, reason }) => {
  let spoilt: Record<string, unknown>;

  beforeEach(async () => {
    spoilt = await how();
    acme(spoilt);
    await rig.rest();
    expect(ready()).toMatchObject({ status: 'False', reason });
  });

  it('is suspended and limited all the same, and its people are disabled, deleted and given new passwords', async () => {
    const before = rig.secret('acme', 'ann-sip');
    acme({
      ...spoilt,
      state: 'Suspended',
      limits: { ...(spoilt['limits'] as object | undefined), concurrentCalls: 0 },
    });
    rig.user('acme', 'bob', '1002', { enabled: false });
    rig.user('acme', 'cat', '1003');
    rig.server.patch(
      'SipUser',
      { namespace: 'acme', name: 'ann' },
      { metadata: { annotations: { [ROTATE_PASSWORD]: '1' } } },
    );
    await rig.rest();

    expect(rig.condition('Organization', 'acme', 'acme', 'Suspended')).toMatchObject({ status: 'True' });
    expect(texts()).toContain('RF_STATE=Suspended');
    expect(texts()).toMatch(/RF_MAX_CALLS=0$/m);
    expect(texts()).not.toContain('[acme_1002]');
    expect(rig.condition('SipUser', 'acme', 'cat')).toMatchObject({ status: 'True' });
    expect(rig.secret('acme', 'ann-sip')).not.toBe(before);

    rig.server.delete('SipUser', 'acme', 'ann');
    await rig.rest();
    expect(texts()).not.toContain('[acme_1001]');
    expect(rig.secret('acme', 'ann-sip')).toBeUndefined();
  });

  it('keeps its domain, gets its children back, tells what is true, and says what stays', async () => {
    const { domain } = { domain: rig.secret('acme', 'ann-sip', 'domain') };
    for (const [kind, name] of [
      ['Service', 'acme-sip'],
      ['NetworkPolicy', 'acme-pbx'],
      ['Secret', 'bob-sip'],
      ['ConfigMap', 'acme-pbx-1'],
    ] as const)
      rig.server.delete(kind, 'acme', name);
    rig.agents.of('acme').set({ contacts: { acme_1001: [contact] }, calls: 1 });
    await rig.rest();

    expect(domain).toBe('acme.example');
    expect(rig.secret('acme', 'bob-sip', 'domain')).toBe(domain);
    expect(rig.server.get('NetworkPolicy', 'acme', 'acme-pbx')).toBeDefined();
    expect(rig.server.get('Service', 'acme', 'acme-sip')).toMatchObject({ spec: { type: 'ClusterIP' } });
    expect(rig.condition('SipUser', 'acme', 'ann', 'Registered')).toMatchObject({ status: 'True' });
    expect(rig.condition('Organization', 'acme', 'acme', 'ConfigLoaded')).toMatchObject({ status: 'True' });
    expect(status()).toMatchObject({
      sip: { domain },
      usage: { users: { used: 2, hard: 50 }, concurrentCalls: { used: 1 } },
      effective: { limits: { trunks: 5 } },
    });
    expect(ready()?.message).toContain('stays in force');
  });

  it('is the same under the next leader, who writes nothing, and is well when it is put right', async () => {
    await rig.settle();
    const before = texts();
    rig.kill();
    rig.start('second');
    await rig.settle();
    expect(rig.server.writes({ client: 'second' }).filter(({ plural }) => plural !== 'leases')).toEqual([]);

    acme({});
    await rig.settle();
    expect(ready()).toMatchObject({ status: 'True' });
    expect(texts()).toBe(before);
  });
});

it('believes nothing of what stands in a status', async () => {
  acme({ sipDomain: 'elder.example' });
  await rig.rest();
  const place = { namespace: 'acme', name: 'acme', subresource: 'status' } as const;
  rig.server.patch('Organization', place, {
    status: { sip: { domain: 'evil.example' }, effective: { limits: { users: 5000 } }, conditions: [] },
  });
  await rig.rest();

  expect(status()).toMatchObject({ sip: { domain: 'acme.example' }, effective: { limits: { users: 50 } } });
  expect(rig.secret('acme', 'ann-sip', 'domain')).toBe('acme.example');
});

it('remembers again what somebody took out of the record', async () => {
  const name = 'organization-acme';
  const before = rig.server.get('ConfigMap', 'ringfleet', name)?.['data'];
  expect(before).toBeDefined();
  rig.server.delete('ConfigMap', 'ringfleet', name);
  await rig.rest();
  expect(rig.server.get('ConfigMap', 'ringfleet', name)?.['data']).toEqual(before);

  rig.server.patch('ConfigMap', { namespace: 'ringfleet', name }, { data: { 'record.json': '{' } });
  await rig.rest();
  expect(rig.server.get('ConfigMap', 'ringfleet', name)?.['data']).toEqual(before);
});

describe('a domain that two tenants want', () => {
  const ask = (tenant: string, sipDomain: string): void => void rig.put('Organization', tenant, tenant, { sipDomain });
  const domains = () => [status('elder').sip?.domain, status('acme').sip?.domain];

  it('stays with who has it, even while the tenant asks in vain for another one', async () => {
    rig.namespace('third');
    ask('acme', 'elder.example');
    await rig.rest();
    ask('third', 'acme.example');
    rig.user('third', 'zoe', '1001');
    await rig.rest();

    expect(ready('third')).toMatchObject({ reason: 'Conflict' });
    expect(rig.server.get('StatefulSet', 'third', 'third-pbx')).toBeUndefined();
    expect(domains()).toEqual(['elder.example', 'acme.example']);

    rig.kill();
    rig.start('second');
    await rig.settle();
    expect(ready('third')).toMatchObject({ reason: 'Conflict' });
    expect(rig.secret('acme', 'ann-sip', 'domain')).toBe('acme.example');

    ask('acme', 'free.example');
    await rig.rest();
    expect(ready('acme')).toMatchObject({ status: 'True' });
    expect(ready('third')).toMatchObject({ status: 'True' });
    expect(rig.secret('third', 'zoe-sip', 'domain')).toBe('acme.example');
  });

  it('is nobody’s prey when they ask for each other’s: both keep their own', async () => {
    ask('acme', 'elder.example');
    ask('elder', 'acme.example');
    await rig.settle();

    expect(domains()).toEqual(['elder.example', 'acme.example']);
    expect([ready('acme')?.reason, ready('elder')?.reason]).toEqual(['Conflict', 'Conflict']);
  });

  it('goes to one of two who ask for it at once, and to the other when that one lets go', async () => {
    ask('acme', 'free.example');
    ask('elder', 'free.example');
    await rig.settle();
    const has = domains().indexOf('free.example') === 0 ? 'elder' : 'acme';
    const other = has === 'elder' ? 'acme' : 'elder';
    expect(ready(has)).toMatchObject({ status: 'True' });
    expect(ready(other)).toMatchObject({ reason: 'Conflict' });
    expect(status(other).sip?.domain).toBe(`${other}.example`);

    ask(has, `${has}.example`);
    await rig.rest();
    expect(status(other).sip?.domain).toBe('free.example');
    expect(ready(other)).toMatchObject({ status: 'True' });
  });

  it('is free when its Organization is gone, and nothing is remembered of that', async () => {
    ask('acme', 'elder.example');
    await rig.rest();
    rig.server.delete('Organization', 'elder', 'elder');
    await rig.rest();
    expect(ready('acme')).toMatchObject({ status: 'True' });
    expect(status('acme').sip?.domain).toBe('elder.example');
    expect(rig.server.get('ConfigMap', 'ringfleet', 'organization-elder')).toBeUndefined();

    rig.server.delete('Namespace', '', 'acme');
    await rig.rest();
    expect(rig.server.get('ConfigMap', 'ringfleet', 'organization-acme')).toBeUndefined();
  });
});

it('does not say that a tenant is suspended before its PBX has it', async () => {
  for (const shard of [0, 1, 2, 3, 4])
    rig.server.faults.invalid({ plural: 'configmaps', namespace: 'acme', name: `acme-pbx-${shard}` }, 1e6);
  acme({ state: 'Suspended' });
  await rig.rest();
  expect(rig.condition('Organization', 'acme', 'acme', 'Suspended')).toMatchObject({
    status: 'False',
    reason: 'Loading',
  });

  rig.server.faults.clear();
  await rig.clock.until(
    'the suspension',
    () => rig.condition('Organization', 'acme', 'acme', 'Suspended')?.status === 'True',
    { limitMs: 310_000 },
  );
  expect(texts()).toContain('RF_STATE=Suspended');
  rig.user('acme', 'cat', '1003');
  await rig.rest();
  expect(rig.condition('Organization', 'acme', 'acme', 'Suspended')).toMatchObject({ status: 'True' });
});

const contact = {
  uri: 'sip:1001@192.0.2.7:5060',
  userAgent: 'phone',
  source: '192.0.2.7:5060',
  transport: 'UDP',
  since: '2026-01-01T00:00:00Z',
  state: 'Reachable',
} as const;

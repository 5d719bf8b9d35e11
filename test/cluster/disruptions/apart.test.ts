import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { apply, kubectl } from '../environment.ts';
import { Tenant } from '../tenant.ts';

/** Several tenants on one platform: one's trouble, and the provider's slip, stay where they are. */
const NAMES = ['apart-0', 'apart-1', 'apart-2', 'apart-3', 'apart-4'];
let tenants: Tenant[];

beforeAll(async () => {
  await edit({});
  tenants = await Promise.all(NAMES.map(name => Tenant.create(name, { className: 'apart' })));
  await Promise.all(tenants.map(tenant => tenant.people('jane')));
  await Promise.all(tenants.map(tenant => tenant.ready()));
});

afterAll(async () => {
  await Promise.all((tenants ?? []).map(tenant => tenant.drop()));
  await kubectl(['delete', 'organizationclass', 'apart', '--ignore-not-found']);
});

/** A class of their own: an edit of it is nobody else's business. */
async function edit(requests: Record<string, string>): Promise<void> {
  const resources = Object.keys(requests).length > 0 ? { resources: { requests } } : {};
  const pbx = { roll: { deadlineSeconds: 7200 }, ...resources };
  await apply({
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'OrganizationClass',
    metadata: { name: 'apart' },
    spec: { pbx, sipDomainSuffix: 'apart.example' },
  });
}

async function uids(): Promise<(string | undefined)[]> {
  return Promise.all(tenants.map(tenant => tenant.podUid()));
}

async function isSuspended(tenant: Tenant): Promise<void> {
  await tenant.becomes('organization', tenant.name, 'Suspended', { status: 'True' });
  expect(await tenant.asterisk('dialplan show globals')).toContain('RF_STATE=Suspended');
}

describe('a class edit that fits no node', () => {
  it('takes one PBX down, tells the others that they wait for somebody, and heals when it is taken back', async () => {
    const before = await uids();
    await edit({ cpu: '50' });
    const waiting = (tenant: Tenant) =>
      tenant
        .get('organization', tenant.name)
        .then(({ status }) => status.conditions.some((one: { reason: string }) => one.reason === 'AnotherFirst'));
    const replaced = async (): Promise<string[]> => {
      const now = await uids();
      return NAMES.filter((_, place) => now[place] !== before[place]);
    };
    await until(
      'all but one to wait',
      async () => (await Promise.all(tenants.map(waiting))).filter(Boolean).length === NAMES.length - 1 || undefined,
      { deadlineMs: 60_000, everyMs: 500 },
    );
    const [first] = await until(
      'one to be gone',
      async () => ((await replaced()).length > 0 ? replaced() : undefined),
      {
        deadlineMs: 60_000,
      },
    );
    const others = tenants.filter(({ name }) => name !== first);
    const told = await Promise.all(others.map(tenant => tenant.get('organization', tenant.name)));
    expect(JSON.stringify(told)).not.toContain(first);

    await edit({});
    await until(
      'all to serve',
      async () => {
        const pods = await Promise.all(tenants.map(tenant => tenant.get('pod', tenant.pod)));
        const cpu = pods.map(pod => pod?.spec.containers[0].resources.requests.cpu);
        const ready = pods.map(pod =>
          pod?.status.conditions?.some(
            (one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True',
          ),
        );
        return (ready.every(Boolean) && !cpu.includes('50')) || undefined;
      },
      { deadlineMs: 60_000, everyMs: 500 },
    );
    await Promise.all(tenants.map(tenant => tenant.becomes('organization', tenant.name, 'Ready', { status: 'True' })));
    expect(await replaced()).toEqual([first]);
  });
});

describe('a tenant who would rather not be suspended', () => {
  it('does not get away by asking for the domain of another', async () => {
    const [tenant, other] = tenants as [Tenant, Tenant];
    await tenant.patch('organization', tenant.name, { spec: { sipDomain: `${other.name}.example` } });
    await tenant.becomes('organization', tenant.name, 'Ready', { reason: 'Conflict' });

    await tenant.patch('organization', tenant.name, { spec: { state: 'Suspended' } });

    await isSuspended(tenant);
    expect((await tenant.credentials('jane'))['domain']).toBe(`${tenant.name}.example`);
    await kubectl(['-n', tenant.name, 'delete', 'networkpolicy', `${tenant.name}-pbx`]);
    await until('the policy to be back', () => tenant.get('networkpolicy', `${tenant.name}-pbx`), {
      deadlineMs: 20_000,
    });
  });

  it('does not get away by making ConfigMaps immutable', async () => {
    const [, , tenant] = tenants as [Tenant, Tenant, Tenant];
    const maps = await tenant.list('configmaps');
    const ours = maps.filter(({ metadata }) => metadata.name.startsWith(`${tenant.name}-pbx`));
    expect(ours.length).toBeGreaterThan(2);
    for (const { metadata } of ours) await tenant.patch('configmap', metadata.name, { immutable: true });

    await tenant.patch('organization', tenant.name, { spec: { state: 'Suspended' } });

    await isSuspended(tenant);
  });
});

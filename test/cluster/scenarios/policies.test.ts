import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { apply, kubectl, tryKubectl } from '../environment.ts';
import { Tenant } from '../tenant.ts';

/** Who may change what, asked of the API server as that person. */
let tenant: Tenant;
const ADMIN = ['--as=tina', '--as-group=system:authenticated'];
const PROVIDER = ['--as=paul', '--as-group=system:authenticated'];

beforeAll(async () => {
  tenant = await Tenant.create('policies');
  await tenant.put('SipUser', 'jane', { extension: '1001' });
  await tenant.ready();
  const bind = (name: string, role: string, user: string): unknown => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace: tenant.name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
  });
  await apply(bind('tina', 'admin', 'tina'), bind('paul', 'ringfleet-provider', 'paul'));
  await until(
    'the roles to be aggregated',
    async () => {
      const { stdout } = await tryKubectl([
        '-n',
        tenant.name,
        'auth',
        'can-i',
        'update',
        'organizations.ringfleet.io',
        ...ADMIN,
      ]);
      return stdout.trim() === 'yes' || undefined;
    },
    { deadlineMs: 30_000 },
  );
});

afterAll(async () => {
  await tenant?.drop();
});

function patchAs(who: readonly string[], spec: unknown) {
  return tryKubectl([
    '-n',
    tenant.name,
    'patch',
    'organization',
    tenant.name,
    '--type=merge',
    '-p',
    JSON.stringify({ spec }),
    ...who,
  ]);
}

describe('a policy', () => {
  it('lets the tenant’s admin edit what is hers', async () => {
    const { code, stderr } = await patchAs(ADMIN, { displayName: 'Ours' });

    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it.each([
    ['limits', { users: 4000 }],
    ['features', { recording: false }],
    ['state', 'Suspended'],
    ['className', 'hospital'],
    ['compliance', { piiMasking: true }],
    ['allowed', { emailDomains: ['x.example'] }],
    ['exposure', { advertisedAddress: '192.0.2.9' }],
  ])('keeps spec.%s for the provider', async (field, value) => {
    const refused = await patchAs(ADMIN, { [field]: value });
    const allowed = await patchAs(PROVIDER, { [field]: value });

    expect(refused.stderr).toContain(`spec.${field} can be changed by the provider only`);
    expect(allowed.stderr).toBe('');
    expect((await patchAs(PROVIDER, { [field]: null })).code).toBe(0);
  });

  it('keeps the numbers that leave as dialled for the provider, and no more of dialing', async () => {
    const service = { dialing: { service: ['1800*'] } };
    const refused = await patchAs(ADMIN, service);

    expect(refused.stderr).toContain('spec.dialing.service can be changed by the provider only');
    expect((await patchAs(PROVIDER, service)).stderr).toBe('');
    expect((await patchAs(ADMIN, { dialing: { premium: 'Deny' } })).stderr).toBe('');
    expect((await patchAs(PROVIDER, { dialing: null })).code).toBe(0);
  });

  it('lets nobody else create an Organization with them', async () => {
    const name = 'newcomer';
    const role = { apiGroups: ['ringfleet.io'], resources: ['organizations'], verbs: ['create', 'patch', 'get'] };
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await apply(
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace: name }, rules: [role] },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name, namespace: name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'User', name: 'tina', apiGroup: 'rbac.authorization.k8s.io' }],
      },
    );
    const create = (spec: Record<string, unknown>) =>
      tryKubectl(
        ['create', '-f', '-', ...ADMIN],
        JSON.stringify(new Tenant(name).manifest('Organization', name, spec)),
      );

    expect((await create({ limits: { users: 4000 } })).stderr).toContain(
      'spec.limits can be changed by the provider only',
    );
    expect((await create({ displayName: 'New' })).stderr).toBe('');
    await kubectl(['delete', 'namespace', name, '--wait=false']);
  });

  it('wants an Organization to bear the name of its namespace', async () => {
    const manifest = JSON.stringify(tenant.manifest('Organization', 'another', {}));

    const { stderr } = await tryKubectl(['create', '-f', '-'], manifest);

    expect(stderr).toContain('name it policies');
  });

  it('does not let an Organization go that people use, until it is confirmed', async () => {
    await tenant.becomes('organization', tenant.name, 'Ready', { status: 'True' });

    const refused = await tryKubectl(['-n', tenant.name, 'delete', 'organization', tenant.name, ...PROVIDER]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('still has 1 users');

    const password = (await tenant.credentials('jane'))['password'];
    await kubectl(['-n', tenant.name, 'annotate', 'organization', tenant.name, 'ringfleet.io/delete=cascade']);
    await kubectl(['-n', tenant.name, 'delete', 'organization', tenant.name, ...PROVIDER]);

    await until(
      'the PBX to go',
      async () => (await tenant.get('statefulset', 'policies-pbx')) === undefined || undefined,
      { deadlineMs: 30_000 },
    );
    await tenant.becomes('sipuser', 'jane', 'Ready', { reason: 'OrganizationMissing' });
    expect((await tenant.credentials('jane'))['password']).toBe(password);
  });
});

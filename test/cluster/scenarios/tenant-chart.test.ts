import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { exampleChart } from '../../charts/examples.ts';
import { kubectl, tryKubectl } from '../environment.ts';
import { HELMS } from '../helm.ts';
import { bothHear, type Conversation, Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';
import { clusterImage, TenantRelease, type Values } from '../tenant-release.ts';

/** Tenants as releases of charts/tenant. */
let phones: Telephones;
beforeAll(async () => {
  phones = await Telephones.start();
});
afterAll(() => phones?.stop());

const organization = (name: string): Values => ({ sipDomain: `${name}.example`, location: { country: 'IN' } });

function users(count: number): Values[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `user-${at}`,
    extension: String(2000 + at),
    fullName: `User ${at}`,
  }));
}

const PAIR = [
  { name: 'jane', extension: '1001', fullName: 'Jane Doe' },
  { name: 'john', extension: '1002', fullName: 'John Roe' },
];

async function gone(tenant: Tenant): Promise<void> {
  const words = ['-n', tenant.name, 'get', 'organizations,sipusers,trunks,locations', '-o', 'name'];
  expect(await kubectl(words)).toBe('');
}

describe.each(HELMS)('the life of a tenant by Helm %s', major => {
  const name = `release-${major}`;
  const tenant = new Tenant(name);
  const release = new TenantRelease(name, { major });
  const all: Values = {
    organization: organization(name),
    users: PAIR,
    locations: [{ name: 'london', country: 'GB' }],
    secrets: [{ name: 'carrier', data: { username: name, password: 'the-carrier-password' } }],
    trunks: [
      {
        name: 'carrier',
        servers: [{ name: 'a', host: '192.0.2.7' }],
        credentialsSecretRef: { name: 'carrier' },
        register: { enabled: false },
      },
    ],
    phoneNumbers: [{ name: 'main', number: `+4420794600${major}0`, destination: { user: { name: 'jane' } } }],
  };
  let call: Conversation;
  let before: readonly [pod: string | undefined, began: string];

  afterAll(() => tenant.drop());

  async function unharmed(): Promise<void> {
    await bothHear(call);
    expect([await tenant.podUid(), await tenant.asteriskStartedAt()]).toEqual(before);
  }

  it('is ready after one installation', async () => {
    expect(await release.put(all)).toContain(`The tenant ${name} is installed as the release ${name}`);

    await tenant.ready(120_000);
    call = await phones.talk(tenant);
    before = [await tenant.podUid(), await tenant.asteriskStartedAt()];
  });

  it('has manifests that the API server takes', async () => {
    const words = await release.dryRun(all);

    expect(words).toContain('sipuser.ringfleet.io/helm-test-1 serverside-applied (server dry run)');
    expect(words).not.toMatch(/error|invalid|warning/i);
  });

  it('is upgraded under a call', async () => {
    const limits = { users: 20 };
    await release.put({ ...all, organization: { ...organization(name), limits }, users: [...PAIR, ...users(5)] });

    await tenant.ready();
    expect(await tenant.list('sipusers')).toHaveLength(7);
    await unharmed();
  });

  it('is tested by a call that evicts nobody', async () => {
    const contacts = async (): Promise<unknown> => (await tenant.get('sipuser', 'jane')).status.registrations;
    const registered = await contacts();

    const { code, stdout, stderr } = await release.test();

    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(/77777771 hears 620 Hz[\s\S]+77777772 hears 440 Hz[\s\S]+Both heard each other/);
    expect(await contacts()).toEqual(registered);
    expect((await tenant.list('sipusers')).map(({ metadata }) => metadata.name)).not.toContain('helm-test-1');
    await unharmed();
  });

  it('is kept when it is uninstalled by mistake, and the printed rollback makes the release usable again', async () => {
    const revision = 2;
    const { code, stdout, stderr } = await release.uninstall();

    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`the tenant ${name} still has users (7), numbers (1), trunks (1)`);
    expect(stdout + stderr).toContain(`helm rollback ${name} ${revision} --namespace ${name}`);
    expect(await tenant.list('sipusers')).toHaveLength(7);
    await unharmed();

    await release.rollback(revision);
    expect(await release.status()).toBe('deployed');
    await unharmed();
  });

  it('is deleted at the first try when that is confirmed, and its PBX when its last call has ended', async () => {
    await release.put({ ...all, deletion: 'cascade' });
    await unharmed();

    expect(await release.uninstall()).toMatchObject({ code: 0 });
    await gone(tenant);
    await bothHear(call);
    await call.out.hangUp();
    const deleted = async (): Promise<true | undefined> => ((await tenant.podUid()) === undefined ? true : undefined);
    await until('the PBX to be deleted', deleted, { deadlineMs: 90_000, everyMs: 300 });
  });

  it('is installed again', async () => {
    await release.put(all);

    await tenant.ready(120_000);
    await (await phones.talk(tenant)).out.hangUp();
  });

  it('is deleted, too, when the Organization says so', async () => {
    expect((await release.uninstall()).code).not.toBe(0);
    await kubectl(['-n', name, 'annotate', 'organization', name, 'ringfleet.io/delete=cascade']);

    expect(await release.uninstall()).toMatchObject({ code: 0 });
    await gone(tenant);
  });
});

describe('fifty users at once', () => {
  const name = 'onboarding';
  const tenant = new Tenant(name);
  const release = new TenantRelease(name);
  const values = {
    deletion: 'cascade',
    organization: { ...organization(name), limits: { users: 50 } },
    users: users(50),
  };
  afterAll(() => tenant.drop());

  it('are within their own quota, again and again', async () => {
    await release.put(values);
    await tenant.ready(120_000);
    const counted = async (): Promise<true | undefined> => {
      const quota = await tenant.get('resourcequota', `${name}-limits`);
      return quota?.status?.used?.['count/sipusers.ringfleet.io'] === '50' || undefined;
    };
    await until('the quota to be full', counted, { deadlineMs: 60_000, everyMs: 300 });

    await release.put({ ...values, labels: { round: 'second' } });
    await tenant.ready();
    expect(await tenant.list('sipusers')).toHaveLength(50);
  });
});

describe('three tenants in one release', () => {
  const names = ['acme', 'globex', 'initech'];
  afterEach(async () => {
    for (const name of [...names, 'provider']) await new Tenant(name).drop();
  });

  it('become ready in namespaces of their own, and one release deletes those that allow it', async () => {
    const release = new TenantRelease('provider', { chart: await exampleChart('provider') });
    const values: Record<string, unknown> = { global: { ringfleet: { image: clusterImage() } } };
    const waits = ['--for=condition=Ready', 'organization', '--all', '--timeout=120s'];
    // the trunk has no Secret, and says so; all the rest is ready
    await release.put(values);
    for (const name of names) await kubectl(['-n', name, 'wait', ...waits]);
    expect((await new Tenant('globex').get('sipuser', 'room-101'))?.spec.extension).toBe('2101');

    const { code, stdout, stderr } = await release.uninstall();
    expect([code, stdout + stderr]).toEqual([
      1,
      expect.stringMatching(/the tenant (acme|globex) still has users \(2\)/),
    ]);
    for (const name of names) expect(await new Tenant(name).list('sipusers')).not.toEqual([]);

    await release.rollback(1);
    for (const name of ['acme', 'globex']) values[name] = { deletion: 'cascade' };
    await release.put(values);
    expect(await release.uninstall()).toMatchObject({ code: 0 });
    for (const name of ['acme', 'globex']) await gone(new Tenant(name));
    expect((await tryKubectl(['get', 'namespace', 'initech'])).stderr).toContain('NotFound');
  });
});

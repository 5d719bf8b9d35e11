import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/errors.ts';
import { pathOf, RESOURCES } from '../../src/kube/resource.ts';
import { Transport } from '../../src/kube/transport.ts';
import { FakeClock } from '../fake-clock.ts';
import { playStatefulSets } from './controllers.ts';
import { FakeApiServer } from './server.ts';

/** What the fake server can do beyond the real one; what it has in common with it is in behaviour.ts. */
const clock = new FakeClock();
let server: FakeApiServer;
let transport: Transport;
let client: KubeClient;

beforeEach(async () => {
  server = await FakeApiServer.started({ clock, namespaces: ['acme'] });
  transport = new Transport(server.access(), clock);
  client = new KubeClient(transport);
});
afterEach(async () => {
  await transport.close();
  await server.stop();
});

const config = (name: string, value = '1') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'acme' },
  data: { value },
});

const user = (i: number, namespace: string) => ({
  apiVersion: 'ringfleet.io/v1alpha1',
  kind: 'SipUser',
  metadata: { name: `user-${i}`, namespace },
  spec: { extension: String(1000 + i), fullName: `User ${i}` },
});

it('serves 10,000 users of 100 tenants in pages', async () => {
  for (let tenant = 0; tenant < 100; tenant++) {
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `tenant-${tenant}` } });
    for (let i = 0; i < 100; i++) server.create(user(i, `tenant-${tenant}`));
  }
  const seen = new Set<string>();
  for (let next = '', pages = 0; pages === 0 || next; pages++) {
    const page: { metadata: { continue?: string }; items: { metadata: { uid: string } }[] } = await transport.request(
      'GET',
      pathOf(RESOURCES.SipUser),
      { query: { limit: '500', continue: next } },
    );
    for (const { metadata } of page.items) seen.add(metadata.uid);
    next = page.metadata.continue ?? '';
  }

  expect(seen.size).toBe(10_000);
  expect(server.requests({ verb: 'list' })).toHaveLength(20);
}, 60_000);

describe('faults', () => {
  it('crashes a client after its n-th write, which is done, and nobody else', async () => {
    const crashed = server.faults.crashAfterWrites(2);
    await client.apply(config('one'), 'm');
    const second = client.apply(config('two'), 'm').catch((error: unknown) => error);
    await crashed;
    await clock.until('the client gives up', () => clock.sleepers === 0);
    const other = new Transport(server.access('somebody'), clock);

    expect(await second).toBeInstanceOf(KubeError);
    expect(server.list('ConfigMap', 'acme').map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
    expect(await new KubeClient(other).get(RESOURCES.ConfigMap, 'acme', 'two')).toBeDefined();
    await other.close();
  });

  it('counts renewals of a Lease as one write towards a crash, as long as nothing else is written', async () => {
    void server.faults.crashAfterWrites(5);
    const renew = () => client.apply({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata }, 'm');
    const metadata = { namespace: 'acme', name: 'lead' };
    for (const write of [renew, renew, () => client.apply(config('one'), 'm'), renew, renew, renew]) await write();
    expect(server.faults.isDead('operator')).toBe(false);

    await client.apply(config('two'), 'm');
    const last = renew().catch((error: unknown) => error);

    await clock.until('the client gives up', () => server.faults.isDead('operator') && clock.sleepers === 0);
    expect(await last).toBeInstanceOf(KubeError);
  });

  it('reads an older moment while it is frozen', async () => {
    server.create(config('old'));
    server.freeze();
    await client.apply(config('new'), 'm');
    const during = await client.get(RESOURCES.ConfigMap, 'acme', 'new');
    server.thaw();

    expect(during).toBeUndefined();
    expect(await client.get(RESOURCES.ConfigMap, 'acme', 'new')).toBeDefined();
  });

  it('enforces quotas of object counts', async () => {
    server.registry.enforceQuota = true;
    server.create({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'small', namespace: 'acme' },
      spec: { hard: { 'count/sipusers.ringfleet.io': '1' } },
    });
    server.create(user(1, 'acme'));

    await expect(client.apply(user(2, 'acme'), 'm')).rejects.toMatchObject({ code: 403 });
  });
});

it('plays the StatefulSet controller', () => {
  playStatefulSets(server);
  const labels = { app: 'pbx' };
  server.create({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'pbx', namespace: 'acme' },
    spec: {
      selector: { matchLabels: labels },
      serviceName: 'pbx',
      template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'b' }] } },
    },
  });
  const first = server.get('Pod', 'acme', 'pbx-0');
  server.delete('Pod', 'acme', 'pbx-0');
  const second = server.get('Pod', 'acme', 'pbx-0');
  server.delete('StatefulSet', 'acme', 'pbx');

  expect(first?.metadata.labels).toMatchObject(labels);
  expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
  expect(server.get('Pod', 'acme', 'pbx-0')).toBeUndefined();
});

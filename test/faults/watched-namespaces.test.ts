import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** An operator that looks after a list of namespaces: in all others it has no rights, and there it changes nothing. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
});
afterEach(() => rig.end());

/** Namespaces that were asked about; of the kinds that belong to none, and of the API server, all is asked. */
function askedAbout(): Set<string> {
  return new Set(
    rig.server
      .requests()
      .map(({ path }) => /\/namespaces\/([^/?]+)/.exec(path)?.[1] ?? path.split('?')[0]?.split('/').at(-1) ?? ''),
  );
}

const PASSWORD = 'correcthorsebatterystaple';
const PLATFORM_WIDE = ['organizationclasses', 'namespaces', 'nodes', 'default', 'ringfleet'];

it('asks and writes nowhere else', async () => {
  rig.watchNamespaces = ['acme', 'zoo'];
  for (const name of ['acme', 'other', 'zoo']) rig.tenant(name);
  rig.start();
  await rig.rest();

  for (const name of ['acme', 'zoo']) expect(rig.condition('SipUser', name, 'jane')).toMatchObject({ status: 'True' });
  expect(rig.server.list('StatefulSet', 'other')).toEqual([]);
  expect([...askedAbout()].sort()).toEqual([...PLATFORM_WIDE, 'acme', 'zoo'].sort());

  rig.user('zoo', 'eve', '1009');
  await rig.rest();
  expect(rig.condition('SipUser', 'zoo', 'eve')).toMatchObject({ status: 'True' });
});

it('leaves a tenant as it is that is taken off the list, with what is remembered of it, and goes on when it is back', async () => {
  for (const name of ['acme', 'zoo']) rig.tenant(name);
  rig.start();
  await rig.settle();
  const left = (): unknown =>
    ['StatefulSet', 'ConfigMap', 'Secret', 'Organization'].map(kind => rig.server.list(kind, 'zoo'));
  const before = [left(), rig.server.get('ConfigMap', 'ringfleet', 'organization-zoo')];
  expect(before[1]).toBeDefined();

  rig.terminate();
  rig.watchNamespaces = ['acme'];
  rig.start('narrow');
  rig.user('acme', 'bob', '1002');
  const serves = (): true | undefined => rig.condition('SipUser', 'acme', 'bob')?.status === 'True' || undefined;
  await rig.clock.until('it works for who is on the list', serves, { limitMs: 300_000 });
  rig.server.patch('Namespace', { name: 'zoo' }, { metadata: { labels: { changed: 'yes' } } });
  await rig.clock.advance(600_000);
  expect([left(), rig.server.get('ConfigMap', 'ringfleet', 'organization-zoo')]).toEqual(before);

  rig.terminate('narrow');
  rig.watchNamespaces = [];
  rig.start('wide');
  rig.user('zoo', 'eve', '1009');
  await rig.rest();
  expect(rig.condition('SipUser', 'zoo', 'eve')).toMatchObject({ status: 'True' });
});

it('is kept from starting by no namespace of the list that is not there', async () => {
  rig.watchNamespaces = ['acme', 'gone'];
  rig.server.faults.refuse({ namespace: 'gone' }, 403, 'Forbidden', { times: 10_000 });
  rig.tenant('acme');
  rig.start();
  await rig.rest();

  expect(rig.condition('SipUser', 'acme', 'jane')).toMatchObject({ status: 'True' });
});

it('concludes nothing about a namespace that came later while it could not list all kinds of it', async () => {
  rig.watchNamespaces = ['acme', 'zoo'];
  const unseen = ['organizations', 'sipusers'];
  for (const plural of unseen)
    rig.server.faults.refuse({ namespace: 'zoo', plural }, 403, 'Forbidden', { times: 10_000 });
  rig.tenant('acme');
  const { operator } = rig.start();
  await rig.rest();

  // what a leader of before has made there
  rig.tenant('zoo');
  const { uid = '' } = rig.server.get('SipUser', 'zoo', 'jane')?.metadata ?? {};
  const labels = {
    'app.kubernetes.io/managed-by': 'ringfleet',
    'ringfleet.io/organization': 'zoo',
    'ringfleet.io/sip-user': 'jane',
  };
  const owner = { apiVersion: 'ringfleet.io/v1alpha1', kind: 'SipUser', name: 'jane', uid, controller: true };
  const metadata = { name: 'jane-sip', namespace: 'zoo', labels, ownerReferences: [owner] };
  rig.server.create({ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data: { password: btoa(PASSWORD) } });
  await rig.clock.advance(120_000);
  expect(rig.secret('zoo', 'jane-sip')).toBe(PASSWORD);
  expect(operator.caches.synced).toBe(true); // by which it is ready: it serves the others

  rig.server.faults.clear();
  await rig.clock.advance(60_000);
  await rig.rest();
  expect(rig.secret('zoo', 'jane-sip')).toBe(PASSWORD);
  expect(rig.condition('SipUser', 'zoo', 'jane')).toMatchObject({ status: 'True' });
});

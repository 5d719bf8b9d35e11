import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** What other people have made stays theirs, and what is ours stays as it should be. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
});
afterEach(() => rig.end());

const LABEL = { 'app.kubernetes.io/managed-by': 'ringfleet' };

it('takes over no Secret that somebody else made, until it is gone', async () => {
  rig.namespace('acme');
  const theirs = { name: 'jane-sip', namespace: 'acme' };
  rig.server.create({ apiVersion: 'v1', kind: 'Secret', metadata: theirs, data: { mine: btoa('own') } });
  rig.put('Organization', 'acme', 'acme', { sipDomain: 'acme.example' });
  rig.user('acme', 'jane', '1001');
  rig.start();
  await rig.rest();

  expect(rig.server.get('Secret', 'acme', 'jane-sip')?.['data']).toEqual({ mine: btoa('own') });
  expect(rig.condition('SipUser', 'acme', 'jane', 'Stalled')).toMatchObject({ reason: 'NameTaken' });

  rig.server.delete('Secret', 'acme', 'jane-sip');
  await rig.rest();
  expect(rig.condition('SipUser', 'acme', 'jane')).toMatchObject({ status: 'True' });
  expect(rig.secret('acme', 'jane-sip')).toMatch(/^\w{24}$/);
});

it.each([
  ['ConfigMap', 'acme-pbx', { data: { mine: 'own' } }],
  ['ConfigMap', 'acme-pbx-1', { data: { mine: 'own' } }],
  ['Secret', 'acme-pbx-auth-1', { data: { mine: btoa('own') } }],
  ['Service', 'acme-sip', { spec: { ports: [{ name: 'web', port: 80, protocol: 'TCP' }] } }],
])('takes over no %s %s that somebody else made, says so, and goes on when it is gone', async (kind, name, content) => {
  rig.namespace('acme');
  const theirs = { apiVersion: 'v1', kind, metadata: { name, namespace: 'acme' }, ...content };
  rig.server.create(theirs);
  rig.put('Organization', 'acme', 'acme', { sipDomain: 'acme.example' });
  rig.user('acme', 'jane', '1001');
  rig.start();
  await rig.rest();

  expect(rig.server.get(kind, 'acme', name)).toMatchObject(content);
  expect(rig.server.get(kind, 'acme', name)?.metadata.labels).toBeUndefined();
  expect(rig.condition('Organization', 'acme', 'acme', 'ChildRefused')?.message).toContain(`${kind} ${name}`);

  rig.server.delete(kind, 'acme', name);
  await rig.clock.until('it is ours', () => rig.server.get(kind, 'acme', name)?.metadata.labels, { limitMs: 310_000 });
  await rig.rest();
  expect(rig.condition('Organization', 'acme', 'acme', 'ChildRefused')).toBeUndefined();
  expect(rig.condition('SipUser', 'acme', 'jane')).toMatchObject({ status: 'True' });
});

it('deletes nothing that was given our label', async () => {
  rig.tenant('acme');
  rig.start();
  await rig.rest();
  for (const kind of ['ConfigMap', 'Secret'])
    rig.server.create({ apiVersion: 'v1', kind, metadata: { name: 'theirs', namespace: 'acme', labels: LABEL } });
  rig.user('acme', 'john', '1002');
  await rig.rest();

  for (const kind of ['ConfigMap', 'Secret']) expect(rig.server.get(kind, 'acme', 'theirs')).toBeDefined();
});

it('takes its own back that lost the label', async () => {
  rig.tenant('acme');
  rig.start();
  await rig.rest();
  rig.server.patch(
    'Secret',
    { namespace: 'acme', name: 'jane-sip' },
    { metadata: { labels: { ...LABEL, 'app.kubernetes.io/managed-by': null } } },
  );
  await rig.rest();

  expect(rig.server.get('Secret', 'acme', 'jane-sip')?.metadata.labels).toMatchObject(LABEL);
  expect(rig.condition('SipUser', 'acme', 'jane')).toMatchObject({ status: 'True' });
});

it.each([
  ['Service', 'acme-sip', { spec: { selector: { stray: 'x' } } }],
  [
    'Service',
    'acme-sip',
    {
      spec: {
        ports: [
          { name: 'sip-udp', port: 5060, protocol: 'UDP' },
          { name: 'x', port: 22 },
        ],
      },
    },
  ],
  ['NetworkPolicy', 'acme-pbx', { spec: { podSelector: { matchLabels: { stray: 'x' } } } }],
  ['NetworkPolicy', 'acme-pbx', { spec: { ingress: [{}] } }],
  ['ResourceQuota', 'acme-limits', { spec: { hard: { pods: '0' } } }],
  ['ConfigMap', 'acme-pbx-1', { data: { stray: 'x' } }],
])('puts a %s right that somebody added to, and rests', async (kind, name, patch) => {
  rig.tenant('acme');
  rig.start();
  await rig.settle();
  const before = rig.server.get(kind, 'acme', name);
  rig.server.patch(kind, { namespace: 'acme', name }, patch);
  await rig.rest();
  const { writes } = rig;
  await rig.clock.advance(60_000);

  expect(rig.server.get(kind, 'acme', name)?.['spec']).toEqual(before?.['spec']);
  expect(rig.server.get(kind, 'acme', name)?.['data']).toEqual(before?.['data']);
  expect(rig.writes - writes).toBeLessThan(3);
});

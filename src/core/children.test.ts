import { describe, expect, it } from 'vitest';
import { carryOut, conditionOf, NOW, organization, settle, snapshot, user } from '../../test/snapshots.ts';
import { compile } from './compile.ts';
import { obsolete } from './diff.ts';
import { childLabels } from './names.ts';
import type { Manifest, TenantSnapshot } from './snapshot.ts';

function labelled(kind: string, name: string, more: Partial<Manifest['metadata']> = {}): Manifest {
  const labels = { ...childLabels('acme', 'pbx-support') };
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'acme', uid: name, labels, ...more } };
}

const owner = (apiVersion: string) => [{ apiVersion, kind: 'Organization', name: 'acme', uid: 'uid-acme' }];
const ours = { ownerReferences: owner('ringfleet.io/v1alpha1') };

describe('what is deleted', () => {
  it.each([
    [
      'only bears our label',
      labelled('ConfigMap', 'theirs', { labels: { 'app.kubernetes.io/managed-by': 'ringfleet' } }),
    ],
    ['bears all labels and belongs to nobody', labelled('Secret', 'theirs')],
    ['belongs to something else', labelled('Service', 'theirs', { ownerReferences: owner('apps/v1') })],
    ['is of another tenant', labelled('Service', 'theirs', { ...ours, labels: childLabels('beta', 'pbx-support') })],
  ])('is no object that %s', (_what, child) => {
    expect(obsolete([], { ...snapshot(), children: [child] })).toEqual([]);
  });

  it('is what belongs to an object of ours', () => {
    expect(obsolete([], { ...snapshot(), children: [labelled('Service', 'old', ours)] })).toHaveLength(1);
  });

  it('goes by the label where nothing has a uid', () => {
    const platform = { ...snapshot().platform, mode: 'directory' as const };
    expect(obsolete([], { ...snapshot(), platform, children: [labelled('Secret', 'old')] })).toHaveLength(1);
  });
});

describe('somebody else’s Secret of the name of a user’s credentials', () => {
  it('is not touched, and the user’s status says so', () => {
    const { plan } = settle(
      snapshot({
        users: [user('jane', '1001'), user('john', '1002', {}, 2)],
        unmanagedSecretNames: new Set(['jane-sip']),
      }),
    );

    expect(plan.apply.map(({ metadata }) => metadata.name)).not.toContain('jane-sip');
    expect(plan.apply.map(({ metadata }) => metadata.name)).toContain('john-sip');
    expect(conditionOf(plan, 'SipUser', 'jane', 'Stalled')).toMatchObject({
      reason: 'NameTaken',
      message: expect.stringContaining('jane-sip'),
    });
  });
});

function template(before: TenantSnapshot, spec: Record<string, unknown>): unknown {
  const { plan } = settle({ ...before, organizations: [organization(spec)] });
  return plan.apply.find(({ kind }) => kind === 'StatefulSet')?.['spec'];
}

function volumesOf(spec: unknown): unknown {
  return (spec as { template: { spec: { volumes: unknown } } }).template.spec.volumes;
}

describe('the pod’s template', () => {
  it('mounts the same volumes when a raised limit brings more shards', () => {
    const resources = { requests: { cpu: '1', memory: '1Gi' } };
    const [general] = structuredClone(snapshot().classes);
    if (!general) throw new Error('no class');
    Object.assign(general.spec, { pbx: { resources } });
    const before = snapshot({ classes: [general] });

    const small = template(before, { limits: { users: 50 } });
    expect(small).toBeDefined();
    for (const users of [501, 2001])
      expect(volumesOf(template(before, { limits: { users } }))).toEqual(volumesOf(small));
  });

  it('mounts every shard that is made', () => {
    const { plan } = settle(snapshot({ organizations: [organization({ limits: { users: 5000 } })] }));
    const mounted = JSON.stringify(plan.apply.find(({ kind }) => kind === 'StatefulSet'));
    const made = plan.apply.filter(({ metadata }) => /-pbx(-auth)?-\d+$/.test(metadata.name));
    expect(made).toHaveLength(66);
    for (const { metadata } of made) expect(mounted).toContain(`"name":"${metadata.name}"`);
  });
});

it('leaves nothing to do once the plan was carried out', () => {
  const { snapshot: before, plan } = settle(snapshot({ users: [user('jane', '1001')] }));
  const { apply, prune } = compile(carryOut(before, plan), NOW);
  expect({ apply, prune }).toEqual({ apply: [], prune: [] });
});

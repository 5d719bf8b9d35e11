import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeClient } from '../../src/kube/client.ts';
import type { ServerAccess } from '../../src/kube/credentials.ts';
import { type KubeObject, RESOURCES } from '../../src/kube/resource.ts';
import { Transport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/runtime/clock.ts';

/** Built-in kinds: defaults that come back in what was applied, and what may not be changed. For both servers. */
const labels = { app: 'pbx' };
const container = { name: 'pbx', image: 'registry.invalid/pbx:1' };
const template = { metadata: { labels }, spec: { containers: [{ ...container, ports: [{ containerPort: 5060 }] }] } };
const ENDPOINTS = [{ addresses: ['192.0.2.1'] }];

const DEFAULTS: readonly [string, Omit<KubeObject, 'metadata'>, Record<string, unknown>][] = [
  ['Secret', { apiVersion: 'v1', kind: 'Secret', stringData: { a: 'x' } }, { type: 'Opaque', data: { a: 'eA==' } }],
  [
    'EndpointSlice',
    { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', endpoints: ENDPOINTS },
    { addressType: 'IPv4', endpoints: ENDPOINTS, metadata: { generation: 1 } },
  ],
  [
    'Service',
    { apiVersion: 'v1', kind: 'Service', spec: { selector: labels, ports: [{ port: 5060 }] } },
    {
      spec: {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ port: 5060, targetPort: 5060, protocol: 'TCP' }],
      },
      status: { loadBalancer: {} },
    },
  ],
  [
    'StatefulSet',
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      spec: { replicas: 0, serviceName: 'pbx', selector: { matchLabels: labels }, template },
    },
    {
      spec: {
        podManagementPolicy: 'OrderedReady',
        revisionHistoryLimit: 10,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        template: {
          spec: {
            restartPolicy: 'Always',
            dnsPolicy: 'ClusterFirst',
            schedulerName: 'default-scheduler',
            terminationGracePeriodSeconds: 30,
            securityContext: {},
            containers: [
              {
                imagePullPolicy: 'IfNotPresent',
                terminationMessagePath: '/dev/termination-log',
                terminationMessagePolicy: 'File',
                resources: {},
                ports: [{ containerPort: 5060, protocol: 'TCP' }],
              },
            ],
          },
        },
      },
    },
  ],
  [
    'NetworkPolicy',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      spec: { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] },
    },
    { spec: { policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }] } },
  ],
  [
    'PersistentVolumeClaim',
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
    },
    { spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
  ],
];

const FORBIDDEN: readonly [string, string, (object: KubeObject) => KubeObject][] = [
  ['the selector of a StatefulSet', 'StatefulSet', object => spec(object, { serviceName: 'other' })],
  ['the type of a Secret', 'Secret', object => ({ ...object, type: 'example.com/other' })],
  ['the access modes of a claim', 'PersistentVolumeClaim', object => spec(object, { accessModes: ['ReadOnlyMany'] })],
];

function spec(object: KubeObject, more: Record<string, unknown>): KubeObject {
  return { ...object, spec: { ...(object['spec'] as object), ...more } };
}

export function builtinBehaviour(name: string, access: () => Promise<ServerAccess> | ServerAccess): void {
  describe(`built-in kinds: ${name}`, () => {
    let transport: Transport;
    let client: KubeClient;
    const namespace = `builtin-${systemClock.now().toString(36)}`;

    beforeAll(async () => {
      transport = new Transport(await access(), systemClock);
      client = new KubeClient(transport);
      await client.create(RESOURCES.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    });
    afterAll(async () => {
      await client.delete(RESOURCES.Namespace, '', namespace);
      await transport.close();
    });

    const object = (kind: string, id: string): KubeObject => {
      const [, bare] = DEFAULTS.find(([known]) => known === kind) ?? [];
      if (!bare) throw new TypeError(kind);
      return { ...bare, metadata: { name: id, namespace } } as KubeObject;
    };

    it.each(DEFAULTS)('fills the defaults of a %s', async (kind, _, expected) => {
      expect(await client.apply(object(kind, 'defaults'), 'one')).toMatchObject(expected);
    });

    it.each(DEFAULTS)('does not write a %s that is applied as it was', async kind => {
      await client.apply(object(kind, 'again'), 'one');
      const before = await client.apply(object(kind, 'again'), 'one');
      const after = await client.apply(object(kind, 'again'), 'one');

      expect(after.metadata.generation).toBe(before.metadata.generation);
      expect(fieldsOf(after)).toEqual(fieldsOf(before));
    });

    it.each(FORBIDDEN)('refuses to change %s', async (_, kind, changed) => {
      await client.apply(object(kind, 'fixed'), 'one');

      await expect(client.apply(changed(object(kind, 'fixed')), 'one')).rejects.toMatchObject({ code: 422 });
    });

    it('removes an annotation, a label and an owner that are applied no more', async () => {
      const owner = await client.apply(object('Secret', 'owner'), 'one');
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Secret', name: 'owner', uid: owner.metadata.uid }];
      const bare = object('Secret', 'child');
      const metadata = { ...bare.metadata, labels: { a: '1', b: '2' }, annotations: { c: '3' }, ownerReferences };
      await client.apply({ ...bare, metadata } as KubeObject, 'one');
      const after = await client.apply({ ...bare, metadata: { ...bare.metadata, labels: { a: '1' } } }, 'one');

      expect(after.metadata.labels).toEqual({ a: '1' });
      expect(after.metadata).not.toHaveProperty('annotations');
      expect(after.metadata).not.toHaveProperty('ownerReferences');
    });
  });
}

/** What our managers own; a controller may meanwhile have written a status. */
function fieldsOf({ metadata, ...rest }: KubeObject): unknown {
  return { spec: rest['spec'], data: rest['data'], labels: metadata.labels };
}

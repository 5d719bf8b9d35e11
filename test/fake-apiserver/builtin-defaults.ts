import { canonicalAmounts, canonicalResources } from '../../src/core/quantity.ts';
import { isJson, type Json, type Obj } from './object.ts';

/** Defaults of built-in kinds that show up in diffs: an operator that compares carelessly writes for ever. */
type Defaults = Readonly<Record<string, unknown>>;

function fill(target: unknown, defaults: Defaults): void {
  if (!isJson(target)) return;
  for (const [key, value] of Object.entries(defaults))
    if (target[key] === undefined) target[key] = structuredClone(value);
}

const items = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const specOf = (object: Obj): Json => (isJson(object['spec']) ? object['spec'] : {});
const CONTAINER: Defaults = {
  imagePullPolicy: 'IfNotPresent',
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  resources: {},
};
const POD: Defaults = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  terminationGracePeriodSeconds: 30,
  securityContext: {},
};
const PROBE: Defaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

function podSpec(spec: unknown): void {
  if (!isJson(spec)) return;
  fill(spec, POD);
  for (const container of [...items(spec['containers']), ...items(spec['initContainers'])]) {
    fill(container, CONTAINER);
    container['resources'] = canonicalResources(container['resources']);
    for (const port of items(container['ports'])) fill(port, { protocol: 'TCP' });
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) fill(container[probe], PROBE);
  }
  for (const volume of items(spec['volumes']))
    for (const source of ['secret', 'configMap', 'projected']) fill(volume[source], { defaultMode: 420 });
}

let addresses = 0;

function service(object: Obj, before: Obj | undefined): void {
  const spec = specOf(object);
  fill(spec, { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' });
  const known = before ? specOf(before)['clusterIP'] : undefined;
  if (spec['clusterIP'] === undefined) {
    addresses = known ? addresses : addresses + 1;
    spec['clusterIP'] = known ?? `10.96.${addresses >> 8}.${addresses & 255}`;
  }
  fill(spec, { clusterIPs: [spec['clusterIP']], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  for (const port of items(spec['ports'])) {
    fill(port, { protocol: 'TCP', targetPort: port['port'] });
    if (spec['type'] !== 'ClusterIP') fill(port, { nodePort: 30000 + (Number(port['port']) % 2768) });
  }
  if (spec['type'] !== 'ClusterIP') fill(spec, { externalTrafficPolicy: 'Cluster' });
  if (spec['type'] === 'LoadBalancer') fill(spec, { allocateLoadBalancerNodePorts: true });
  fill(object, { status: { loadBalancer: {} } });
}

function statefulSet(object: Obj): void {
  const spec = specOf(object);
  fill(spec, {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  if (isJson(spec['template'])) podSpec(spec['template']['spec']);
  for (const claim of items(spec['volumeClaimTemplates'])) {
    fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } });
    fill(claim['spec'], { volumeMode: 'Filesystem' });
  }
  fill(object, { status: { replicas: 0, availableReplicas: 0 } });
}

function secret(object: Obj): void {
  fill(object, { type: 'Opaque' });
  if (!isJson(object['stringData'])) return;
  const added = Object.entries(object['stringData']).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  object['data'] = { ...(isJson(object['data']) ? object['data'] : {}), ...Object.fromEntries(added) };
  delete object['stringData'];
}

function networkPolicy(object: Obj): void {
  const spec = specOf(object);
  fill(spec, { podSelector: {}, policyTypes: spec['egress'] ? ['Ingress', 'Egress'] : ['Ingress'] });
  for (const rule of [...items(spec['ingress']), ...items(spec['egress'])])
    for (const port of items(rule['ports'])) fill(port, { protocol: 'TCP' });
}

export function builtinDefaults(object: Obj, before: Obj | undefined): void {
  if (object.kind === 'Secret') secret(object);
  if (object.kind === 'Service') service(object, before);
  if (object.kind === 'StatefulSet') statefulSet(object);
  if (object.kind === 'NetworkPolicy') networkPolicy(object);
  if (object.kind === 'ResourceQuota' && isJson(object['spec']))
    object['spec']['hard'] = canonicalAmounts(object['spec']['hard']);
  if (object.kind === 'PersistentVolumeClaim') {
    const spec = specOf(object);
    spec['resources'] = canonicalResources(spec['resources']);
    fill(object['spec'], { volumeMode: 'Filesystem' });
    fill(object, { status: { phase: 'Pending' } });
  }
  if (object.kind === 'Namespace') {
    object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
    fill(object, { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
  }
  if (object.kind === 'Pod') {
    podSpec(object['spec']);
    fill(object, { status: { phase: 'Pending', qosClass: 'BestEffort' } });
  }
}

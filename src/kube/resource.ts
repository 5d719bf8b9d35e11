import { GROUP, type KindName, kinds, VERSION } from '../api/index.ts';

/** Kinds and their paths in the API. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly [member: string]: unknown;
}

export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string;
  readonly subresource?: string;
}

export function pathOf(type: ResourceType, { namespace, name, subresource }: Place = {}): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const tail = [name, subresource].filter(part => part !== undefined).map(part => `/${encodeURIComponent(part)}`);
  return `${root}${scope}/${type.plural}${tail.join('')}`;
}

const core = (plural: string, kind: string, namespaced = true): ResourceType => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});
const of = (group: string, version: string, plural: string, kind: string): ResourceType => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
});

const ours = Object.fromEntries(
  kinds.map(({ kind, plural, scope }) => [
    kind,
    { group: GROUP, version: VERSION, plural, kind, namespaced: scope === 'Namespaced' },
  ]),
) as Record<KindName, ResourceType>;

export const RESOURCES = {
  ...ours,
  Namespace: core('namespaces', 'Namespace', false),
  Node: core('nodes', 'Node', false),
  Pod: core('pods', 'Pod'),
  Secret: core('secrets', 'Secret'),
  ConfigMap: core('configmaps', 'ConfigMap'),
  Service: core('services', 'Service'),
  PersistentVolumeClaim: core('persistentvolumeclaims', 'PersistentVolumeClaim'),
  ResourceQuota: core('resourcequotas', 'ResourceQuota'),
  StatefulSet: of('apps', 'v1', 'statefulsets', 'StatefulSet'),
  NetworkPolicy: of('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
  PodDisruptionBudget: of('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  EndpointSlice: of('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  Event: of('events.k8s.io', 'v1', 'events', 'Event'),
  Lease: of('coordination.k8s.io', 'v1', 'leases', 'Lease'),
} as const satisfies Record<string, ResourceType>;

export function resourceOf(kind: string): ResourceType {
  const type = (RESOURCES as Record<string, ResourceType>)[kind];
  if (!type) throw new TypeError(`Not a kind that we write: ${kind}`);
  return type;
}

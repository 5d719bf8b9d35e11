import { isJson, type Json, type Obj } from './object.ts';
import type { FakeApiServer } from './server.ts';

/**
 * The StatefulSet controller and the kubelet, as far as an operator sees them: a StatefulSet's first pod exists, runs
 * and is ready at once, comes again when it is deleted, and the StatefulSet's status says so. `fate` may have another one in
 * mind for a pod: no node has room for it, its image cannot be pulled, it runs and never serves, or the server takes no
 * such pod at all. Returns how to stop it.
 */
export type Fate = 'serves' | 'unschedulable' | 'no image' | 'crashes' | 'forbidden';

export function playStatefulSets(
  server: FakeApiServer,
  { address = inPodNetwork, fate = (_set: Obj): Fate => 'serves' } = {},
): () => void {
  let pods = 0;
  const reconcile = (set: Obj): void => {
    const { namespace = '', name, uid = '', generation } = set.metadata;
    if (server.get('StatefulSet', namespace, name)?.metadata.uid !== uid) return;
    const comes = fate(set);
    if (comes !== 'forbidden' && !server.get('Pod', namespace, `${name}-0`)) {
      pods++;
      const pod = podOf(set);
      if (comes === 'unschedulable') delete (pod['spec'] as Json)['nodeName'];
      server.create(pod, 'statefulset-controller');
      const place = { namespace, name: `${name}-0`, subresource: 'status' } as const;
      server.patch('Pod', place, { status: STATUS[comes](address(pods)) });
    }
    const ready = comes === 'serves' ? 1 : 0;
    const status = { observedGeneration: generation, replicas: 1, readyReplicas: ready, availableReplicas: ready };
    server.patch('StatefulSet', { namespace, name, subresource: 'status' }, { status });
  };
  return server.onWrite(({ type, object }) => {
    const { namespace = '', name, ownerReferences } = object.metadata;
    if (object.kind === 'StatefulSet' && type !== 'DELETED') reconcile(object);
    const owner = ownerReferences?.find(({ kind }) => kind === 'StatefulSet');
    const set = owner && server.get('StatefulSet', namespace, owner.name);
    if (object.kind === 'Pod' && type === 'DELETED' && set && name === `${set.metadata.name}-0`) reconcile(set);
  });
}

function podOf({ metadata, spec }: Obj): Obj {
  const { namespace = '', name, uid = '' } = metadata;
  const template = isJson(spec) && isJson(spec['template']) ? spec['template'] : {};
  const { labels = {}, annotations = {} } = (template['metadata'] ?? {}) as {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-0`,
      namespace,
      labels: { ...labels, 'statefulset.kubernetes.io/pod-name': `${name}-0` },
      annotations,
      ownerReferences: [owner],
    },
    spec: { ...structuredClone(template['spec'] as Json), nodeName: 'node-1' },
  };
}

function inPodNetwork(index: number): string {
  return `10.244.${index >> 8}.${index & 255}`;
}

/** What the kubelet says of a pod; one that crashes has had an address. */
const STATUS: Readonly<Record<Exclude<Fate, 'forbidden'>, (ip: string) => Json>> = {
  serves: running,
  unschedulable: () => ({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False' }] }),
  'no image': () => ({ phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }], hostIP: '192.0.2.10' }),
  crashes: () => ({ phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }], hostIP: '192.0.2.10' }),
};

function running(ip: string): Json {
  const conditions = ['Initialized', 'ContainersReady', 'Ready'].map(type => ({ type, status: 'True' }));
  return { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP: '192.0.2.10', conditions };
}

/** The quota controller, as far as it says that it knows a quota's kinds. Returns how to stop it. */
export function playQuotas(server: FakeApiServer): () => void {
  return server.onWrite(({ type, object: { kind, metadata, spec } }) => {
    if (kind !== 'ResourceQuota' || type !== 'ADDED') return;
    const { hard = {} } = spec as { hard?: Record<string, string> };
    const used = Object.fromEntries(Object.keys(hard).map(name => [name, '0']));
    const place = { namespace: metadata.namespace ?? '', name: metadata.name, subresource: 'status' } as const;
    server.patch('ResourceQuota', place, { status: { hard, used } });
  });
}

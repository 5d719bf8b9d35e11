import { isDeepStrictEqual } from 'node:util';
import { namespacedKinds } from '../api/index.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { Change } from '../kube/store.ts';

/** Whether a change may change what should be true of a tenant. A node's heartbeat does not, nor does a status of ours. */
export function isRelevant(kind: string, { type, object, previous }: Change): boolean {
  if (type !== 'changed' || !previous) return true;
  const parts = PARTS[kind];
  return parts === undefined || !isDeepStrictEqual(parts(previous), parts(object));
}

/**
 * Whether a change is nothing but what we wrote ourselves: the pass that wrote it knows. The answer to a status may have
 * somebody's newer spec in it, and that to a Service has its address.
 */
export function isOwnWrite(kind: string, { type, object, previous }: Change): boolean {
  if (kind === 'ConfigMap' || kind === 'Secret') return true;
  if (!(namespacedKinds as readonly string[]).includes(kind) || type !== 'changed' || !previous) return false;
  const rest = ({ metadata: { resourceVersion: _, ...metadata }, status: __, ...others }: KubeObject) => [
    metadata,
    others,
  ];
  return isDeepStrictEqual(rest(previous), rest(object));
}

/** Whether it is the work of somebody who waits for us. A watch may bring our own status before its answer is here. */
export function isUserEdit(kind: string, change: Change): boolean {
  return (namespacedKinds as readonly string[]).includes(kind) && !isOwnWrite(kind, change);
}

const PARTS: Readonly<Record<string, (object: KubeObject) => unknown>> = {
  Node: ({ spec, status }) => [
    (spec as { unschedulable?: boolean } | undefined)?.unschedulable,
    (status as { addresses?: unknown } | undefined)?.addresses,
  ],
  Namespace: ({ metadata }) => [metadata.labels, metadata.deletionTimestamp],
};

import { isDeepStrictEqual } from 'node:util';
import { namespacedKinds } from '../api/index.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { Change } from '../kube/store.ts';

/** Whether a change can affect a plan. A node's heartbeat cannot. */
export function isRelevant(kind: string, { type, object, previous }: Change): boolean {
  if (type !== 'changed' || !previous) return true;
  const parts = PARTS[kind];
  return parts === undefined || !isDeepStrictEqual(parts(previous), parts(object));
}

/**
 * Whether a change that comes from the answer to an own write has nothing new in it. The answer to a status write may have a
 * newer spec, and that to a Service has its address.
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

/** Whether a user made a change and waits for it. The watch may deliver an own status before the answer to its write. */
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

import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../kube/resource.ts';
import type { Change } from '../kube/store.ts';

/** Whether a change may change what should be true of a tenant. A node's heartbeat does not, nor does a status of ours. */
export function isTelling(kind: string, { type, object, previous }: Change): boolean {
  if (type !== 'changed' || !previous) return true;
  const parts = PARTS[kind];
  return parts === undefined || !isDeepStrictEqual(parts(previous), parts(object));
}

const PARTS: Readonly<Record<string, (object: KubeObject) => unknown>> = {
  Node: ({ spec, status }) => [
    (spec as { unschedulable?: boolean } | undefined)?.unschedulable,
    (status as { addresses?: unknown } | undefined)?.addresses,
  ],
  Namespace: ({ metadata }) => [metadata.labels, metadata.deletionTimestamp],
};

import { GROUP } from '../api/index.ts';
import { LABEL_MANAGED, MANAGER } from '../core/names.ts';
import type { Manifest } from '../core/snapshot.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { type KubeObject, resourceOf } from '../kube/resource.ts';
import type { Caches, ChildKind } from './caches.ts';

/** Objects that the operator does not manage, which an apply of the same name would take over. */

/** Whether an object is neither labelled as ours nor owned by an object of ours. A child that lost its label is ours. */
export function isUnmanaged(object: KubeObject): boolean {
  const { metadata } = object as Manifest;
  const owners = metadata.ownerReferences ?? [];
  const labelled = metadata.labels?.[LABEL_MANAGED] === MANAGER;
  return !labelled && !owners.some(({ apiVersion }) => apiVersion.startsWith(`${GROUP}/`));
}

/** Throws KubeError (403) when an unmanaged object has the name of a manifest. Own children are in the cache. */
export async function assertNotTaken(
  { kind, metadata: { namespace = '', name } }: Manifest,
  { client, caches }: { client: KubeClient; caches: Caches },
  signal: AbortSignal,
): Promise<void> {
  if (caches.store(kind as ChildKind).get(namespace, name)) return;
  const live =
    kind === 'Secret'
      ? caches.store('UnmanagedSecret').get(namespace, name) // of these all names are watched, and nothing else
      : await client.get(resourceOf(kind), namespace, name, signal);
  if (live && isUnmanaged(live))
    throw new KubeError(403, 'NameTaken', `${kind} ${name} is somebody else's; rename or delete it`);
}

import { kinds } from './kinds.ts';
import type { Storage, Stored } from './storage.ts';

/** What goes when something has gone: children of which no owner is left, and the content of a namespace. */
export function collectGarbage(storage: Storage, gone: Stored, remove: (child: Stored) => void): void {
  const { uid, namespace, name } = gone.object.metadata;
  const content = gone.kind.kind === 'Namespace' ? [...storage.inNamespace(name)] : [];
  for (const stored of content) remove(stored);
  const near = namespace === undefined ? everything(storage) : storage.inNamespace(namespace);
  const orphans = [...near].filter(({ object }) => object.metadata.ownerReferences?.some(owner => owner.uid === uid));
  for (const orphan of orphans) if (!hasOwner(storage, orphan)) remove(orphan);
}

function everything(storage: Storage): Stored[] {
  return kinds().flatMap(kind => storage.list(kind));
}

function hasOwner(storage: Storage, { object }: Stored): boolean {
  const namespace = object.metadata.namespace ?? '';
  return (object.metadata.ownerReferences ?? []).some(({ kind: name, name: owner, uid }) => {
    const kind = kinds().find(candidate => candidate.kind === name);
    return kind && storage.get(kind, kind.namespaced ? namespace : '', owner)?.object.metadata.uid === uid;
  });
}

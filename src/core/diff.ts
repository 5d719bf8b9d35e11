import { GROUP } from '../api/index.ts';
import { covers } from './covers.ts';
import { LABEL_ORGANIZATION } from './names.ts';
import type { ObjectRef } from './plan.ts';
import { strangersIn } from './strangers.ts';
import type { Manifest, World } from './world.ts';

/** What differs between the objects that should be and those that are. Equal = no write. */

/** Kinds that hold data that must outlive a mistake: the operator makes them, only people delete them. */
const NEVER_PRUNED: ReadonlySet<string> = new Set(['PersistentVolumeClaim']);

/** Wanted → the live object that is known to say it all; both are the same objects as long as nothing changed. */
const known = new WeakMap<Manifest, Manifest>();

/** The wanted objects whose live version lacks or contradicts something that we set. */
export function differing(wanted: readonly Manifest[], live: readonly Manifest[]): Manifest[] {
  const byKey = new Map(live.map(manifest => [keyOf(manifest), manifest]));
  return wanted.filter(manifest => {
    const existing = byKey.get(keyOf(manifest));
    if (existing === manifest) return false;
    if (!existing || existing.metadata.deletionTimestamp) return true;
    if (known.get(manifest) === existing) return false;
    const differs = !covers(existing, manifest) || strangersIn(manifest, existing) !== undefined;
    if (!differs) known.set(manifest, existing);
    return differs;
  });
}

/** Live objects of ours that should not be. */
export function obsolete(
  wanted: readonly Manifest[],
  { children, namespace, surroundings }: Pick<World, 'children' | 'namespace' | 'surroundings'>,
): ObjectRef[] {
  const keys = new Set(wanted.map(keyOf));
  const isOurs = surroundings.mode === 'directory' ? isLabelled : isOwned;
  return children
    .filter(
      manifest =>
        !keys.has(keyOf(manifest)) &&
        !NEVER_PRUNED.has(manifest.kind) &&
        !manifest.metadata.deletionTimestamp &&
        isOurs(manifest, namespace),
    )
    .map(({ apiVersion, kind, metadata }) => ({
      apiVersion,
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      ...(metadata.uid ? { uid: metadata.uid } : {}),
    }))
    .sort((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1));
}

function isLabelled({ metadata }: Manifest, organization: string): boolean {
  return metadata.labels?.[LABEL_ORGANIZATION] === organization;
}

/** Anybody who may patch an object can give it a label: only what belongs to an object of ours is deleted. */
function isOwned(manifest: Manifest, organization: string): boolean {
  const owners = manifest.metadata.ownerReferences ?? [];
  return isLabelled(manifest, organization) && owners.some(({ apiVersion }) => apiVersion.startsWith(`${GROUP}/`));
}

function keyOf(manifest: Manifest): string {
  return `${manifest.kind}/${manifest.metadata.name}`;
}

import type { ObjectRef } from './plan.ts';
import type { Manifest } from './world.ts';

/** What differs between the objects that should be and those that are. Equal = no write. */

/** Kinds that hold data that must outlive a mistake: the operator makes them, only people delete them. */
const NEVER_PRUNED: ReadonlySet<string> = new Set(['PersistentVolumeClaim']);

/** The wanted objects whose live version lacks or contradicts something that we set. */
export function differing(wanted: readonly Manifest[], live: readonly Manifest[]): Manifest[] {
  const byKey = new Map(live.map(manifest => [keyOf(manifest), manifest]));
  return wanted.filter(manifest => {
    const existing = byKey.get(keyOf(manifest));
    if (existing === manifest) return false;
    if (!existing || existing.metadata.deletionTimestamp) return true;
    return !sameData(manifest, existing) || !covers(existing, manifest);
  });
}

/** Live objects of ours that should not be. */
export function obsolete(wanted: readonly Manifest[], live: readonly Manifest[]): ObjectRef[] {
  const keys = new Set(wanted.map(keyOf));
  return live
    .filter(
      manifest =>
        !keys.has(keyOf(manifest)) && !NEVER_PRUNED.has(manifest.kind) && !manifest.metadata.deletionTimestamp,
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

function keyOf(manifest: Manifest): string {
  return `${manifest.kind}/${manifest.metadata.name}`;
}

/** ConfigMaps and Secrets: a key that somebody added by hand counts too. */
function sameData(wanted: Manifest, live: Manifest): boolean {
  if (wanted.kind !== 'ConfigMap' && wanted.kind !== 'Secret') return true;
  const a = Object.keys((wanted['data'] as object | undefined) ?? {});
  const b = Object.keys((live['data'] as object | undefined) ?? {});
  return a.length === b.length;
}

/** Whether `live` says everything that `wanted` says. What the server adds (defaults, status, uid) does not count. */
export function covers(live: unknown, wanted: unknown): boolean {
  if (wanted === undefined || live === wanted) return true;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((item, place) => covers(live[place], item))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (live === undefined) return Object.keys(wanted).length === 0;
    if (typeof live !== 'object' || live === null) return false;
    return Object.keys(wanted).every(member =>
      covers((live as Record<string, unknown>)[member], (wanted as Record<string, unknown>)[member]),
    );
  }
  return false;
}

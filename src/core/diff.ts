import { GROUP } from '../api/index.ts';
import { foreignFields, isImmutable } from './drift.ts';
import { isSubset } from './equality.ts';
import { ListMemo } from './list-memo.ts';
import { sameOnes } from './memo.ts';
import { LABEL_ORGANIZATION } from './names.ts';
import { objectKey } from './object-key.ts';
import type { ObjectRef } from './plan.ts';
import type { Manifest, TenantSnapshot } from './snapshot.ts';

/** The difference between wanted and live child objects. No difference means no write. */

/** Kinds that hold data which must survive a mistake: the operator creates them, and only people delete them. */
const NEVER_PRUNED: ReadonlySet<string> = new Set(['PersistentVolumeClaim']);

/**
 * The wanted objects whose live version lacks or contradicts something that we set. Results are kept by `owner`, so that
 * a second call compares only what changed.
 */
export function differing(wanted: readonly Manifest[], live: readonly Manifest[], owner: object = {}): Manifest[] {
  const { places } = pairingOf(wanted, live, owner);
  const liveAt = (at: number): Manifest | undefined => live[places[at] ?? -1];
  const all = compared.of(owner, wanted, {
    make: (manifest, at) => compare(manifest, liveAt(at)),
    holds: (before, _, at) => before.live === liveAt(at),
  });
  return wanted.filter((_, at) => all[at]?.differs);
}

interface Compared {
  readonly live: Manifest | undefined;
  readonly differs: boolean;
}

const compared = new ListMemo<object, Manifest, Compared>();

function compare(wanted: Manifest, live: Manifest | undefined): Compared {
  const isDifferent = differs(wanted, live);
  if (live && !isDifferent) shareTexts(wanted, live);
  return { live, differs: isDifferent };
}

/**
 * Replaces texts of the live object by the equal ones of the wanted object, so that large texts are in memory once and not
 * also in the cache. This is the one place where the core modifies its input: the cached object. No value changes.
 */
function shareTexts(wanted: object, live: object): void {
  for (const [member, part] of Object.entries(wanted)) {
    const other = (live as Record<string, unknown>)[member];
    if (typeof part === 'string' && other === part) (live as Record<string, unknown>)[member] = part;
    else if (isObject(part) && isObject(other)) shareTexts(part, other);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function differs(wanted: Manifest, live: Manifest | undefined): boolean {
  if (live === wanted) return false;
  if (!live || live.metadata.deletionTimestamp) return true;
  return isImmutable(live) || !isSubset(wanted, live) || foreignFields(wanted, live) !== undefined;
}

/** Live child objects that are not wanted any more. */
export function obsolete(
  wanted: readonly Manifest[],
  { children, namespace, platform }: Pick<TenantSnapshot, 'children' | 'namespace' | 'platform'>,
  owner: object = {},
): ObjectRef[] {
  const isOurs = platform.mode === 'directory' ? isLabelled : isOwned;
  return pairingOf(wanted, children, owner)
    .unwanted.map(place => children[place] as Manifest)
    .filter(
      manifest =>
        !NEVER_PRUNED.has(manifest.kind) && !manifest.metadata.deletionTimestamp && isOurs(manifest, namespace),
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

/** Which live object belongs to which wanted one. It is made of kinds and names, so it holds while only contents change. */
interface Pairing {
  /** For each wanted object the index of the live one; -1: there is none. */
  readonly places: readonly number[];
  /** Indexes of live objects that are not wanted. */
  readonly unwanted: readonly number[];
}

interface Paired extends Pairing {
  readonly wanted: readonly Manifest[];
  readonly live: readonly Manifest[];
}

const pairings = new WeakMap<object, Paired>();

function pairingOf(wanted: readonly Manifest[], live: readonly Manifest[], owner: object): Pairing {
  const last = pairings.get(owner);
  const holds = last && sameOnes(last.wanted, wanted, isNamesake) && sameOnes(last.live, live, isNamesake);
  const { places, unwanted } = holds ? last : pair(wanted, live);
  pairings.set(owner, { places, unwanted, wanted, live });
  return { places, unwanted };
}

function pair(wanted: readonly Manifest[], live: readonly Manifest[]): Pairing {
  const placeOf = new Map(live.map((manifest, place) => [keyOf(manifest), place]));
  const keys = wanted.map(keyOf);
  const isWanted = new Set(keys);
  return {
    places: keys.map(key => placeOf.get(key) ?? -1),
    unwanted: live.flatMap((manifest, place) => (isWanted.has(keyOf(manifest)) ? [] : [place])),
  };
}

function isNamesake(one: Manifest, other: Manifest): boolean {
  return one.kind === other.kind && one.metadata.name === other.metadata.name;
}

function isLabelled({ metadata }: Manifest, organization: string): boolean {
  return metadata.labels?.[LABEL_ORGANIZATION] === organization;
}

/**
 * Whether an object is labelled as ours and owned by an object of ours. The label alone does not do: anybody who may patch
 * an object can set it, and would have the operator delete that object.
 */
function isOwned(manifest: Manifest, organization: string): boolean {
  const owners = manifest.metadata.ownerReferences ?? [];
  return isLabelled(manifest, organization) && owners.some(({ apiVersion }) => apiVersion.startsWith(`${GROUP}/`));
}

function keyOf(manifest: Manifest): string {
  return objectKey(manifest.kind, manifest.metadata.name);
}

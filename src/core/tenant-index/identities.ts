import {
  limitedKinds,
  type ObjectLists,
  type ObjectOf,
  ofEachKind,
  type SipUser,
  type TenantKind,
} from '../../api/index.ts';
import { byAge, byName } from '../finding.ts';
import { inherit } from '../inheritance.ts';
import { Memo, sameOnes } from '../memo.ts';
import { type ObjectKey, objectKey } from '../object-key.ts';
import type { Tenant } from '../tenant.ts';

/** What a check may ask a map: one key. */
export interface Lookup<K, V> {
  get(key: K): V | undefined;
}

/** How to read the extension of an object, by kind. A kind that is absent has none. */
export type Extensions = { readonly [K in TenantKind]?: (object: ObjectOf<K>) => string | undefined };

/** Names and ages of the objects of one kind. Most edits do not change it. */
export interface KindIndex {
  /** Indexes into the list of objects, sorted by name. */
  readonly order: readonly number[];
  /** Index into the list of objects, by name. */
  readonly placeByName: Lookup<string, number>;
  /** Names of the objects above the tenant's limit, which are the newest ones. */
  readonly over: Lookup<string, true>;
  /** All objects, oldest first. */
  readonly byAge: readonly ObjectOf<TenantKind>[];
}

/** Which object of a tenant has which name, extension, SIP address and e-mail address. */
export interface IdentityIndex {
  readonly kinds: Readonly<Record<TenantKind, KindIndex>>;
  readonly extensionOf: Lookup<ObjectKey<TenantKind>, string>;
  /** Extension → the oldest object, of any kind, that wants it. */
  readonly ownerOfExtension: Lookup<string, ObjectKey<TenantKind>>;
  /** E-mail address in lower case → name of the oldest user who has it. */
  readonly userByEmail: Lookup<string, string>;
  /** SIP address → name of the oldest user who wants it. */
  readonly userByAddress: Lookup<string, string>;
}

interface Last {
  readonly objects: readonly ObjectOf<TenantKind>[];
  readonly identities: KindIndex;
}

const lasts = new WeakMap<Tenant, Map<TenantKind, Last>>();
const identityIndexes = new Memo<Tenant, IdentityIndex>();

/** The identical index for as long as its content is the same. */
export function identityIndexOf(tenant: Tenant, objects: ObjectLists, extensions: Extensions): IdentityIndex {
  const kinds = ofEachKind(kind => kindIndexOf(tenant, kind, objects[kind], extensions));
  return identityIndexes.of(tenant, Object.values(kinds), () => makeIdentityIndex(tenant, kinds, extensions));
}

function kindIndexOf(
  tenant: Tenant,
  kind: TenantKind,
  objects: readonly ObjectOf<TenantKind>[],
  extensions: Extensions,
): KindIndex {
  const known = lasts.get(tenant) ?? new Map<TenantKind, Last>();
  lasts.set(tenant, known);
  const last = known.get(kind);
  const extension = extensionBy(extensions, kind);
  const isSame = (one: ObjectOf<TenantKind>, other: ObjectOf<TenantKind>): boolean =>
    byAge(one, other) === 0 && extension(one) === extension(other) && reachedAlike(one, other);
  const identities =
    last && sameOnes(last.objects, objects, isSame) ? last.identities : makeKindIndex(tenant, kind, objects);
  known.set(kind, { objects, identities });
  return identities;
}

/** Whether two versions of a user have the same e-mail and SIP address. Other kinds have neither. */
function reachedAlike(one: ObjectOf<TenantKind>, other: ObjectOf<TenantKind>): boolean {
  if (one.kind !== 'SipUser' || other.kind !== 'SipUser') return true;
  return one.spec.email === other.spec.email && one.spec.sip?.address === other.spec.sip?.address;
}

function makeKindIndex(tenant: Tenant, kind: TenantKind, objects: readonly ObjectOf<TenantKind>[]): KindIndex {
  const places = objects.map(({ metadata }, place) => ({ metadata, place })).sort(byName);
  const oldestFirst = [...objects].sort(byAge);
  const limit = limitedKinds.find(one => one.kind === kind)?.limit.name;
  const over = limit === undefined ? [] : oldestFirst.slice(tenant.limits[limit]);
  return {
    order: places.map(({ place }) => place),
    placeByName: new Map(places.map(({ metadata, place }) => [metadata.name, place])),
    over: new Map(over.map(({ metadata }) => [metadata.name, true])),
    byAge: oldestFirst,
  };
}

function makeIdentityIndex(tenant: Tenant, kinds: IdentityIndex['kinds'], extensions: Extensions): IdentityIndex {
  const inherited = inherit(tenant.userDefaults) as { readonly sip?: { readonly address?: string } };
  const users = kinds.SipUser.byAge as readonly SipUser[];
  const dialled = (Object.keys(extensions) as TenantKind[])
    .flatMap(kind => {
      const extension = extensionBy(extensions, kind);
      return kinds[kind].byAge.map(object => ({ kind, metadata: object.metadata, extension: extension(object) }));
    })
    .sort(byAge);
  const nameOf = (user: SipUser): string => user.metadata.name;
  return {
    kinds,
    extensionOf: new Map(
      dialled.flatMap(({ kind, metadata, extension }) =>
        extension === undefined ? [] : [[objectKey(kind, metadata.name), extension] as const],
      ),
    ),
    ownerOfExtension: firstBy(
      dialled,
      ({ extension }) => extension,
      ({ kind, metadata }) => objectKey(kind, metadata.name),
    ),
    userByEmail: firstBy(users, user => user.spec.email?.toLowerCase(), nameOf),
    userByAddress: firstBy(users, user => user.spec.sip?.address ?? inherited.sip?.address, nameOf),
  };
}

function extensionBy(extensions: Extensions, kind: TenantKind): (object: ObjectOf<TenantKind>) => string | undefined {
  return (extensions[kind] as ((object: ObjectOf<TenantKind>) => string | undefined) | undefined) ?? (() => undefined);
}

function firstBy<T, V>(
  all: readonly T[],
  keyOf: (one: T) => string | undefined,
  ownerOf: (one: T) => V,
): ReadonlyMap<string, V> {
  const first = new Map<string, V>();
  for (const one of all) {
    const key = keyOf(one);
    if (key !== undefined && !first.has(key)) first.set(key, ownerOf(one));
  }
  return first;
}

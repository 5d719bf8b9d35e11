import { type Destination, type ObjectOf, ofEachKind, type TenantKind } from '../../api/index.ts';
import { lackingIn, runningEngine } from '../asterisk/engine-version.ts';
import type { Finding } from '../finding.ts';
import type { Claimant, Claims, SecretView, TenantSnapshot } from '../snapshot.ts';
import type { Features, Tenant } from '../tenant.ts';
import { type EmergencyNumbers, emergencyLookup, emergencyPlans } from './emergency.ts';
import { type Extensions, type IdentityIndex, identityIndexOf, type Lookup } from './identities.ts';

/**
 * What checks may ask about the other objects of a tenant. It is the only way from one kind to another. The order of the
 * lists in the snapshot never matters.
 */
export interface TenantIndex {
  readonly tenant: Tenant;
  readonly snapshot: TenantSnapshot;
  readonly features: Features;
  readonly identities: IdentityIndex;
  /** By name. */
  readonly objects: { readonly [K in TenantKind]: Lookup<string, ObjectOf<K>> };
  readonly secrets: Lookup<string, SecretView>;
  /** Holders of what only one object on the platform may have. */
  readonly claims: Readonly<Record<keyof Claims, Lookup<string, Claimant>>>;
  /** Emergency numbers, by `emergencyKey`. */
  readonly emergency: Lookup<string, true>;
  readonly emergencyPlans: readonly EmergencyNumbers[];
  /** Names of Secrets that the operator does not manage. */
  readonly unmanagedSecrets: Lookup<string, boolean>;
  /** By name, the reason why an object is not in service; undefined: it is in service, or does not exist. */
  readonly unserved: Readonly<Record<TenantKind, Lookup<string, string>>>;
  /** By name, whether an object exists and is in service. */
  readonly served: Readonly<Record<TenantKind, Lookup<string, true>>>;
  readonly unservedMailboxes: Lookup<string, string>;
  /** How to resolve a destination, by its member. */
  readonly destinations: Destinations;
  /** How to make the word for an extension, by the kind of the object that has it. */
  readonly extensionWords: ExtensionWords;
  /** Features that the running engine does not have: the first engine that does, by name (`ENGINE_NEEDS`). */
  readonly engineLacks: Lookup<string, number>;
}

/** A destination word of the dialplan engine: `user:1001` leads to the context `to-user`. */
export type Word = `${string}:${string}`;

/** Where a call goes next, as a destination word, or why that cannot be resolved. */
export type Next = { readonly word: Word } | { readonly violation: Finding };

type Members = Extract<keyof Destination, string>;
export type Destinations = {
  readonly [M in Members]?: (value: NonNullable<Destination[M]>, field: string, index: TenantIndex) => Next;
};

type ExtensionWords = Readonly<Partial<Record<TenantKind, (extension: string, name: string) => Word>>>;

/**
 * Why an object is not in service, as a short reason for messages; undefined: it is in service. It must not resolve
 * destinations, because those ask for this in turn.
 */
type Unserved<T> = (object: T, index: TenantIndex) => string | undefined;

/** What the modules of the kinds contribute to the index. */
export interface Offers {
  readonly extensions: Extensions;
  readonly extensionWords: ExtensionWords;
  readonly destinations: Destinations;
  readonly unserved: { readonly [K in TenantKind]?: Unserved<ObjectOf<K>> };
  readonly unservedMailbox: Unserved<ObjectOf<'SipUser'>>;
}

/** Builds the index; parts that did not change are reused. */
export function tenantIndexOf(snapshot: TenantSnapshot, tenant: Tenant, offers: Offers): TenantIndex {
  const identities = identityIndexOf(tenant, snapshot.objects, offers.extensions);
  const plans = emergencyPlans(tenant, snapshot.objects.Location, identities.ownerOfExtension);
  const objects = ofEachKind(kind => {
    const { placeByName } = identities.kinds[kind];
    return { get: (name: string) => snapshot.objects[kind][placeByName.get(name) ?? -1] };
  }) as TenantIndex['objects'];
  const index: TenantIndex = {
    tenant,
    snapshot,
    features: tenant.features,
    identities,
    objects,
    secrets: snapshot.secrets,
    claims: snapshot.claims,
    emergency: emergencyLookup(plans),
    emergencyPlans: plans,
    unmanagedSecrets: { get: name => snapshot.unmanagedSecretNames?.has(name) ?? false },
    unserved: ofEachKind(kind => {
      const why = offers.unserved[kind] as Unserved<unknown> | undefined;
      return unserved<unknown>(objects[kind], one => why?.(one, index));
    }),
    served: ofEachKind(kind => ({
      get: name => (objects[kind].get(name) && index.unserved[kind].get(name) === undefined ? true : undefined),
    })),
    unservedMailboxes: unserved(objects.SipUser, user => offers.unservedMailbox(user, index)),
    destinations: offers.destinations,
    extensionWords: offers.extensionWords,
    engineLacks: lackingIn(runningEngine(snapshot)),
  };
  return index;
}

/** Computed lazily, and once for each object: many destinations may lead to the same one. */
function unserved<T>(all: Lookup<string, T>, why: (one: T) => string | undefined): Lookup<string, string> {
  const known = new Map<string, string | undefined>();
  return {
    get: name => {
      const one = all.get(name);
      if (one === undefined) return undefined;
      if (!known.has(name)) known.set(name, why(one));
      return known.get(name);
    },
  };
}

/** All objects of a kind, sorted by name. */
export function inOrder<K extends TenantKind>(kind: K, { snapshot, identities }: TenantIndex): ObjectOf<K>[] {
  return identities.kinds[kind].order.map(place => snapshot.objects[kind][place] as ObjectOf<K>);
}

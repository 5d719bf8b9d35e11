import { builtInClasses } from '../api/built-in-classes.ts';
import {
  type ObjectMeta,
  type Organization,
  type OrganizationClass,
  ofEachKind,
  organizationClassSchema,
  organizationSchema,
} from '../api/index.ts';
import { compile } from '../core/compile.ts';
import { withGeneratedSecrets } from '../core/generated-secrets.ts';
import { everyKind } from '../core/kinds/index.ts';
import { API_VERSION } from '../core/names.ts';
import { secretView } from '../core/secret-view.ts';
import {
  type Claimant,
  type Claims,
  type Manifest,
  NO_CLUSTER,
  type SecretView,
  type TenantSnapshot,
} from '../core/snapshot.ts';
import { tenantOf } from '../core/tenant.ts';

/** A tenant as its manifests say it, before there is a cluster. */
export interface ManifestTenant {
  readonly namespace: string;
  /** As their schemas complete them. */
  readonly objects: readonly Manifest[];
}

/** Good as a password, a PIN and a user name: what is not in the files must not be what is wrong with them. */
const STAND_IN = '12345678';

/**
 * The tenant as `compile` wants it. Its credentials are stand-ins, and so are Secrets that no file has: they may come from
 * elsewhere. Without an Organization one is assumed that says nothing.
 */
export function snapshotOf(
  { namespace, objects }: ManifestTenant,
  classes: readonly OrganizationClass[],
  claims: Claims,
): TenantSnapshot {
  const take = <T>(kind: string): T[] => objects.filter(one => one.kind === kind) as unknown as T[];
  const organizations = take<Organization>('Organization');
  const builtIn = builtInClasses.filter(one => !classes.some(({ metadata }) => metadata.name === one.metadata.name));
  const given = take<Manifest>('Secret').map(secretView);
  const snapshot: TenantSnapshot = {
    namespace,
    organizations: organizations.length > 0 ? organizations : [assumed(namespace)],
    classes: [...classes, ...builtIn, ...standInClasses(organizations, classes)],
    objects: ofEachKind(take) as TenantSnapshot['objects'],
    invalid: [],
    secrets: new Map([...standIns(objects), ...given].map(view => [view.name, view])),
    children: [],
    claims,
    platform: NO_CLUSTER,
  };
  return withGeneratedSecrets(snapshot, compile(snapshot, NEVER), () => STAND_IN);
}

const NEVER = '1970-01-01T00:00:00.000Z';

function assumed(namespace: string): Organization {
  return organizationSchema.parse({
    apiVersion: API_VERSION,
    kind: 'Organization',
    metadata: { name: namespace },
    spec: {},
  });
}

/** Whether the files have a class, or every cluster does. */
export function isKnown(className: string, classes: readonly OrganizationClass[]): boolean {
  return [...classes, ...builtInClasses].some(({ metadata }) => metadata.name === className);
}

/** Classes that only the cluster has: they are taken to say nothing. */
function standInClasses(
  organizations: readonly Organization[],
  classes: readonly OrganizationClass[],
): OrganizationClass[] {
  const names = new Set(organizations.map(({ spec }) => spec.className).filter(name => !isKnown(name, classes)));
  return [...names].map(name =>
    organizationClassSchema.parse({ apiVersion: API_VERSION, kind: 'OrganizationClass', metadata: { name }, spec: {} }),
  );
}

/** A Secret and a key of it that a spec refers to. */
export interface SecretReference {
  readonly name: string;
  /** Absent: the keys have names of their own. */
  readonly key?: string;
  /** The member that refers to it. */
  readonly field: string;
}

/** All that a spec refers to, wherever in it. */
export function secretReferences(value: unknown, path = 'spec'): SecretReference[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([member, inner]) => {
    const field = Array.isArray(value) ? `${path}[${member}]` : `${path}.${member}`;
    const { name, key } = (inner ?? {}) as { name?: unknown; key?: unknown };
    if (!/^secretRef$|SecretRef$/.test(member) || typeof name !== 'string') return secretReferences(inner, field);
    return [{ name, field, ...(typeof key === 'string' ? { key } : {}) }];
  });
}

function standIns(objects: readonly Manifest[]): SecretView[] {
  const keys = new Map<string, Set<string>>();
  for (const { name, key } of objects.flatMap(one => secretReferences(one['spec'])))
    keys.set(name, new Set([...(keys.get(name) ?? ['username', 'password']), ...(key === undefined ? [] : [key])]));
  return [...keys].map(([name, all]) => ({
    name,
    data: Object.fromEntries([...all].map(key => [key, STAND_IN])),
    annotations: {},
    labels: {},
  }));
}

/** Who has what, of all the files: the first, in the order of names. */
export function claimsAmong(tenants: readonly ManifestTenant[], classes: readonly OrganizationClass[]): Claims {
  const claims = { emails: new Map(), numbers: new Map(), domains: new Map() } satisfies Record<
    keyof Claims,
    Map<string, Claimant>
  >;
  const claim = (which: keyof Claims, key: string, claimant: Claimant): void => {
    if (!claims[which].has(key)) claims[which].set(key, claimant);
  };
  const wanted = new Map(everyKind.map(([kind, module]) => [kind as string, module.claim]));
  for (const { namespace, objects } of tenants)
    for (const object of objects) {
      const { name, uid = '' } = object.metadata as ObjectMeta;
      const claimant: Claimant = { kind: object.kind, namespace, name, uid, createdAt: '', standing: 1 };
      const of = wanted.get(object.kind);
      const key = of?.keyOf(object['spec'] as Record<string, unknown>);
      if (of && key !== undefined) claim(of.claimKind, key, claimant);
      if (object.kind === 'Organization') {
        const organization = object as unknown as Organization;
        const orgClass = [...classes, ...builtInClasses].find(one => one.metadata.name === organization.spec.className);
        claim('domains', tenantOf(organization, orgClass, []).domain, claimant);
      }
    }
  return claims;
}

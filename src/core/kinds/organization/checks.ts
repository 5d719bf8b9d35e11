import type { Organization, OrganizationClass } from '../../../api/index.ts';
import type { InForce } from '../../../api/record.ts';
import { takenBy } from '../../claims.ts';
import type { Finding } from '../../finding.ts';
import type { TenantSnapshot } from '../../snapshot.ts';
import type { Tenant } from '../../tenant.ts';
import { classMissing, classNotAllowed } from '../organization-class/checks.ts';

/** Checks of single fields of an Organization, each with the value that was last accepted. */

export type OrganizationContext = Pick<TenantSnapshot, 'namespace' | 'classes' | 'claims' | 'inForce'> & {
  readonly objects: Pick<TenantSnapshot['objects'], 'Location'>;
  readonly platform: Pick<TenantSnapshot['platform'], 'namespaceLabels'>;
};

/** A field that is refused, and the value that applies instead. */
export interface RefusedField<T> {
  readonly violation: Finding;
  /** The last accepted value; undefined: there is none. */
  readonly fallback: T | undefined;
  /** That value, for the message. */
  readonly fallbackText?: string;
}

export type ClassInForce = NonNullable<InForce['class']>;

export function wrongName({ metadata }: Organization, { namespace }: OrganizationContext): Finding | undefined {
  if (metadata.name === namespace) return undefined;
  return {
    reason: 'WrongName',
    field: 'metadata.name',
    message: `An Organization must have the name of its namespace (${namespace}); create one with that name, and delete this one`,
  };
}

/** Checks the class. The fallback is the class that was last accepted, as it is now or, if it was deleted, as it was. */
export function refusedClass(
  { spec: { className } }: Organization,
  asked: OrganizationClass | undefined,
  kept: InForce | undefined,
  snapshot: OrganizationContext,
): RefusedField<ClassInForce> | undefined {
  const violation = asked ? classNotAllowed(asked, snapshot) : classMissing(className);
  if (!violation) return undefined;
  const live = snapshot.classes.find(one => one.metadata.name === kept?.class?.name);
  const fallback = live ? { name: live.metadata.name, spec: live.spec } : kept?.class;
  return { violation, fallback, ...(fallback ? { fallbackText: `class ${fallback.name}` } : {}) };
}

export type Amount = string | number;

export function refusedLimit(
  name: string,
  tenant: Tenant,
  ceiling: Amount | undefined,
  kept: InForce | undefined,
): RefusedField<Amount> | undefined {
  const asked = (tenant.limits as unknown as Record<string, Amount>)[name];
  if (asked === undefined) return undefined;
  const field = `spec.limits.${name}`;
  const fallback = kept?.limits[name];
  const fallbackText = `${fallback}`;
  if (ceiling !== undefined && amount(asked) > amount(ceiling)) {
    const message = `${field} is ${asked}, but the class allows at most ${ceiling}; lower it, or ask the provider`;
    return { violation: { reason: 'AboveCeiling', field, message }, fallback, fallbackText };
  }
  if (name !== 'users' || amount(asked) <= MOST_USERS) return undefined;
  const message = 'One PBX serves at most 5,000 users; split the organization';
  return { violation: { reason: 'TooManyUsers', field, message }, fallback, fallbackText };
}

/** The most users that one PBX serves (asterisk-limits.md §1). */
const MOST_USERS = 5000;

const UNITS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** The value of a number or of a Kubernetes quantity. */
function amount(value: string | number): number {
  const [, digits = '0', unit = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(String(value)) ?? [];
  return Number(digits) * (UNITS[unit] ?? 1024 ** Math.max(0, BINARY.indexOf(unit)));
}

/** Checks the SIP domain. Claims include a domain that its owner still uses while asking for another one. */
export function refusedDomain(
  { domain, name }: Tenant,
  kept: InForce | undefined,
  { claims, namespace }: OrganizationContext,
): RefusedField<string> | undefined {
  const isTaken = (one: string): boolean => takenBy(claims.domains.get(one), { namespace, name }) !== undefined;
  if (!isTaken(domain)) return undefined;
  const fallback = kept && !isTaken(kept.domain) ? kept.domain : undefined;
  const message = `The SIP domain ${domain} belongs to another organization of this platform; choose another`;
  return { violation: { reason: 'Conflict', field: 'spec.sipDomain', message }, fallback, fallbackText: `${fallback}` };
}

/** An accepted type of Service; `type` undefined: the default. */
export interface Signalling {
  readonly type: string | undefined;
}

export function refusedSignalling(
  tenant: Tenant,
  kept: InForce | undefined,
  { platform }: OrganizationContext,
): RefusedField<Signalling> | undefined {
  if (tenant.pbx.exposure.signalling?.type !== 'HostNetwork') return undefined;
  const field = 'spec.exposure.signalling.type';
  const fallback = kept && { type: kept.signalling };
  const fallbackText = kept?.signalling ?? 'ClusterIP';
  if (platform.namespaceLabels['pod-security.kubernetes.io/enforce'] === 'restricted') {
    const message =
      'Exposure HostNetwork needs a namespace that does not enforce the restricted Pod Security level; use NodePort, LoadBalancer or ClusterIP';
    return { violation: { reason: 'PodSecurityForbids', field, message }, fallback, fallbackText };
  }
  const message = 'Exposure HostNetwork has no effect in this release; use NodePort, LoadBalancer or ClusterIP';
  return { violation: { reason: 'NotImplementedYet', field, message }, fallback, fallbackText };
}

import type { Organization, OrganizationClass } from '../../api/index.ts';
import type { InForce } from '../../api/record.ts';
import { notYet } from '../checks/not-yet.ts';
import { takenBy } from '../claims.ts';
import { Memo } from '../memo.ts';
import { type Tenant, tenantOf } from '../tenant.ts';
import type { Problem } from '../verdict.ts';
import type { World } from '../world.ts';

/**
 * An Organization that is refused for a field keeps what that field last was when it was good, and everything else of it
 * applies: whoever could have all of her Organization ignored by spoiling one field of it would be out of reach of a
 * suspension, a limit, a user who is disabled. One that never was good has no PBX.
 */
export type OrganizationWorld = Pick<World, 'namespace' | 'classes' | 'claims' | 'inForce'> & {
  readonly objects: Pick<World['objects'], 'Location'>;
  readonly surroundings: Pick<World['surroundings'], 'namespaceLabels'>;
};

export interface JudgedOrganization {
  /** The first that is wrong, and what is in force until it is put right. */
  readonly problem?: Problem;
  readonly notes: readonly Problem[];
  /** What is in force; undefined: nothing. */
  readonly tenant?: Tenant;
  /** What is to be remembered, for when one of its fields is refused. */
  readonly inForce?: InForce;
}

/** A field that is refused, and its last good value. */
interface Fault<T> {
  readonly problem: Problem;
  /** Undefined: there is none. */
  readonly instead: T | undefined;
  /** In words for the user. */
  readonly stays?: string;
}

export function judgeOrganization(organization: Organization, world: OrganizationWorld): JudgedOrganization {
  const own = notYet('Organization', organization.spec);
  const misnamed = wrongName(organization, world);
  if (misnamed) return { problem: misnamed, notes: own };
  const { metadata, spec } = organization;
  const kept = world.inForce?.organization === metadata.uid ? world.inForce : undefined;
  const asked = world.classes.find(one => one.metadata.name === (spec.className ?? 'general'));
  const classFault = faultOfClass(organization, asked, kept, world);
  const orgClass = classFault ? classFault.instead : asked && { name: asked.metadata.name, spec: asked.spec };
  const notes = [...own, ...classNotes(orgClass)];
  const wanted = tenantOf(organization, orgClass, world.objects.Location);
  const ceilings = { users: undefined, ...orgClass?.spec.ceilings?.limits };
  const limits = Object.entries(ceilings).map(([name, ceiling]) => ({
    name,
    fault: faultOfLimit(name, wanted, ceiling, kept),
  }));
  const domain = faultOfDomain(wanted, kept, world);
  const signalling = faultOfSignalling(wanted, kept, world);
  const faults = [classFault, ...limits.map(({ fault }) => fault), domain, signalling].filter(one => one !== undefined);
  // without a class the built-in values are good; anything else has no other value
  const hopeless = kept ? faults.find(one => one !== classFault && one.instead === undefined) : faults[0];
  if (hopeless) return { problem: hopeless.problem, notes };
  const tenant = restored(wanted, {
    domain: domain?.instead,
    signalling: signalling?.instead,
    limits: limits.flatMap(({ name, fault }) => (fault?.instead === undefined ? [] : [[name, fault.instead] as const])),
  });
  const [first] = faults;
  return {
    ...(first && { problem: told(first) }),
    notes,
    tenant,
    inForce: inForceOf(tenant, orgClass),
  };
}

type ClassInForce = NonNullable<InForce['class']>;

function wrongName({ metadata }: Organization, { namespace }: OrganizationWorld): Problem | undefined {
  if (metadata.name === namespace) return undefined;
  return {
    reason: 'WrongName',
    field: 'metadata.name',
    message: `An Organization bears the name of its namespace (${namespace}); create one with that name and delete this one`,
  };
}

/** The class that was in force: as it is now, or as it was when it was there. */
function faultOfClass(
  { spec: { className } }: Organization,
  asked: OrganizationClass | undefined,
  kept: InForce | undefined,
  world: OrganizationWorld,
): Fault<ClassInForce> | undefined {
  const problem = asked ? classNotAllowed(asked, world) : classMissing(className);
  if (!problem) return undefined;
  const live = world.classes.find(one => one.metadata.name === kept?.class?.name);
  const instead = live ? { name: live.metadata.name, spec: live.spec } : kept?.class;
  return { problem, instead, ...(instead ? { stays: `class ${instead.name}` } : {}) };
}

function classMissing(className: string | undefined): Problem | undefined {
  if (className === undefined) return undefined;
  return {
    reason: 'ClassNotFound',
    field: 'spec.className',
    message: `There is no OrganizationClass ${className}; ask the provider which classes exist`,
  };
}

function classNotAllowed(
  { metadata, spec }: OrganizationClass,
  { surroundings }: OrganizationWorld,
): Problem | undefined {
  const wanted = Object.entries(spec.allowedNamespaces?.matchLabels ?? {});
  if (wanted.every(([key, value]) => surroundings.namespaceLabels[key] === value)) return undefined;
  return {
    reason: 'ClassNotAllowed',
    field: 'spec.className',
    message: `OrganizationClass ${metadata.name} is not offered to this namespace`,
  };
}

type Amount = string | number;

function faultOfLimit(
  name: string,
  tenant: Tenant,
  ceiling: Amount | undefined,
  kept: InForce | undefined,
): Fault<Amount> | undefined {
  const asked = (tenant.limits as unknown as Record<string, Amount>)[name];
  if (asked === undefined) return undefined;
  const field = `spec.limits.${name}`;
  const instead = kept?.limits[name];
  const stays = `${instead}`;
  if (ceiling !== undefined && amount(asked) > amount(ceiling)) {
    const message = `${field} is ${asked}; the class allows at most ${ceiling}`;
    return { problem: { reason: 'AboveCeiling', field, message }, instead, stays };
  }
  if (name !== 'users' || amount(asked) <= MOST_USERS) return undefined;
  const message = 'One PBX serves at most 5,000 users; split the organization';
  return { problem: { reason: 'TooManyUsers', field, message }, instead, stays };
}

/** asterisk-limits.md §1. */
const MOST_USERS = 5000;

const UNITS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** A number, or a Kubernetes quantity as one. */
function amount(value: string | number): number {
  const [, digits = '0', unit = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(String(value)) ?? [];
  return Number(digits) * (UNITS[unit] ?? 1024 ** Math.max(0, BINARY.indexOf(unit)));
}

/** Claims say who has a domain: also one that its owner has in force while she asks for another. */
function faultOfDomain(
  { domain, name }: Tenant,
  kept: InForce | undefined,
  { claims, namespace }: OrganizationWorld,
): Fault<string> | undefined {
  const isTaken = (one: string): boolean => takenBy(claims.domains.get(one), { namespace, name }) !== undefined;
  if (!isTaken(domain)) return undefined;
  const instead = kept && !isTaken(kept.domain) ? kept.domain : undefined;
  const message = `The SIP domain ${domain} belongs to another organization of this platform; choose another`;
  return { problem: { reason: 'Conflict', field: 'spec.sipDomain', message }, instead, stays: `${instead}` };
}

/** A kind of Service that is good; the outer one undefined: none is known. */
interface Signalling {
  readonly type: string | undefined;
}

function faultOfSignalling(
  tenant: Tenant,
  kept: InForce | undefined,
  { surroundings }: OrganizationWorld,
): Fault<Signalling> | undefined {
  if (tenant.pbx.exposure.signalling?.type !== 'HostNetwork') return undefined;
  const field = 'spec.exposure.signalling.type';
  const instead = kept && { type: kept.signalling };
  const stays = kept?.signalling ?? 'ClusterIP';
  if (surroundings.namespaceLabels['pod-security.kubernetes.io/enforce'] === 'restricted') {
    const message = 'Exposure HostNetwork needs a namespace that does not enforce the restricted Pod Security level';
    return { problem: { reason: 'PodSecurityForbids', field, message }, instead, stays };
  }
  const message = 'Exposure HostNetwork has no effect in this release; use NodePort, LoadBalancer or ClusterIP';
  return { problem: { reason: 'NotImplementedYet', field, message }, instead, stays };
}

function told({ problem, stays }: Fault<unknown>): Problem {
  if (stays === undefined) return problem;
  return { ...problem, message: `${problem.message}. Until then ${stays} stays in force, and all else applies` };
}

interface Instead {
  readonly domain: string | undefined;
  readonly signalling: Signalling | undefined;
  readonly limits: readonly (readonly [name: string, limit: Amount])[];
}

const tenants = new Memo<Tenant, Tenant>();

/** The same tenant for the same last good values, so that what is made of it can be remembered too. */
function restored(tenant: Tenant, { domain, signalling, limits }: Instead): Tenant {
  if (domain === undefined && !signalling && limits.length === 0) return tenant;
  const { exposure } = tenant.pbx;
  return tenants.of(tenant, [domain, signalling !== undefined, signalling?.type, ...limits.flat()], () => ({
    ...tenant,
    ...(domain === undefined ? {} : { domain }),
    limits: { ...tenant.limits, ...(Object.fromEntries(limits) as Partial<Tenant['limits']>) },
    ...(signalling
      ? { pbx: { ...tenant.pbx, exposure: { ...exposure, signalling: typed(exposure, signalling) } } }
      : {}),
  }));
}

function typed(
  { signalling }: Tenant['pbx']['exposure'],
  { type }: Signalling,
): NonNullable<Tenant['pbx']['exposure']['signalling']> {
  const { type: _, ...rest } = signalling ?? {};
  return type === undefined ? rest : { ...rest, type };
}

const remembered = new Memo<Tenant, InForce>();

function inForceOf(tenant: Tenant, orgClass: ClassInForce | undefined): InForce {
  const { uid } = tenant.organization.metadata;
  const signalling = tenant.pbx.exposure.signalling?.type;
  return remembered.of(tenant, [orgClass?.name, orgClass?.spec], () => ({
    ...(uid === undefined ? {} : { organization: uid }),
    domain: tenant.domain,
    ...(orgClass ? { class: { name: orgClass.name, spec: orgClass.spec } } : {}),
    limits: { ...tenant.limits },
    ...(signalling === undefined ? {} : { signalling }),
  }));
}

/** A class has no status that its users would see: what it asks in vain is said where it is used. */
function classNotes(orgClass: ClassInForce | undefined): Problem[] {
  if (!orgClass) return [];
  return notYet('OrganizationClass', orgClass.spec).map(({ message, ...rest }) => ({
    ...rest,
    message: `OrganizationClass ${orgClass.name}: ${message}`,
  }));
}

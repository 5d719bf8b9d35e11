import type { Organization, OrganizationClass } from '../../api/index.ts';
import type { Tenant } from '../tenant.ts';
import { type Check, firstProblem, type Problem } from '../verdict.ts';
import type { World } from '../world.ts';
import { takenBy } from './claims.ts';
import { notYet } from './not-yet.ts';

export interface OrganizationContext {
  readonly world: World;
  readonly tenant: Tenant;
  readonly orgClass?: OrganizationClass;
}

type OrganizationCheck = Check<Organization, OrganizationContext>;

const wrongName: OrganizationCheck = (organization, { world }) =>
  organization.metadata.name === world.namespace
    ? undefined
    : {
        reason: 'WrongName',
        field: 'metadata.name',
        message: `An Organization bears the name of its namespace (${world.namespace}); create one with that name and delete this one`,
      };

const classMissing: OrganizationCheck = (organization, { orgClass }) =>
  orgClass || organization.spec.className === undefined
    ? undefined
    : {
        reason: 'ClassNotFound',
        field: 'spec.className',
        message: `There is no OrganizationClass ${organization.spec.className}; ask the provider which classes exist`,
      };

const classNotAllowed: OrganizationCheck = (organization, { world, orgClass }) => {
  const wanted = orgClass?.spec.allowedNamespaces?.matchLabels;
  if (!wanted) return undefined;
  const labels = world.surroundings.namespaceLabels;
  if (Object.entries(wanted).every(([key, value]) => labels[key] === value)) return undefined;
  return {
    reason: 'ClassNotAllowed',
    field: 'spec.className',
    message: `OrganizationClass ${organization.spec.className} is not offered to this namespace`,
  };
};

const aboveCeiling: OrganizationCheck = (_organization, { tenant, orgClass }) => {
  for (const [name, ceiling] of Object.entries(orgClass?.spec.ceilings?.limits ?? {})) {
    const asked = (tenant.limits as unknown as Record<string, string | number>)[name];
    if (asked !== undefined && ceiling !== undefined && amount(asked) > amount(ceiling)) {
      return {
        reason: 'AboveCeiling',
        field: `spec.limits.${name}`,
        message: `spec.limits.${name} is ${asked}; the class allows at most ${ceiling}`,
      };
    }
  }
  return undefined;
};

const UNITS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** A number, or a Kubernetes quantity as one. */
function amount(value: string | number): number {
  const [, digits = '0', unit = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(String(value)) ?? [];
  return Number(digits) * (UNITS[unit] ?? 1024 ** Math.max(0, BINARY.indexOf(unit)));
}

const domainTaken: OrganizationCheck = (organization, { world, tenant }) =>
  takenBy(world.claims.domains.get(tenant.domain), { namespace: world.namespace, name: organization.metadata.name })
    ? {
        reason: 'Conflict',
        field: 'spec.sipDomain',
        message: `The SIP domain ${tenant.domain} belongs to another organization of this platform; choose another`,
      }
    : undefined;

const tooManyUsers: OrganizationCheck = (_organization, { tenant }) =>
  tenant.limits.users <= 5000
    ? undefined
    : {
        reason: 'TooManyUsers',
        field: 'spec.limits.users',
        message: 'One PBX serves at most 5,000 users; split the organization',
      };

const hostNetwork: OrganizationCheck = (_organization, { tenant, world }) => {
  if (tenant.pbx.exposure.signalling?.type !== 'HostNetwork') return undefined;
  if (world.surroundings.namespaceLabels['pod-security.kubernetes.io/enforce'] === 'restricted') {
    const message = 'Exposure HostNetwork needs a namespace that does not enforce the restricted Pod Security level';
    return { reason: 'PodSecurityForbids', field: 'spec.exposure.signalling.type', message };
  }
  const message = 'Exposure HostNetwork has no effect in this release; use NodePort, LoadBalancer or ClusterIP';
  return { reason: 'NotImplementedYet', field: 'spec.exposure.signalling.type', message };
};

const CHECKS: readonly OrganizationCheck[] = [
  wrongName, // one namespace, one tenant
  classMissing,
  classNotAllowed,
  aboveCeiling,
  tooManyUsers, // asterisk-limits.md §1
  domainTaken,
  hostNetwork,
];

/** A class has no status that its users would see: what it asks in vain is said where it is used. */
function classNotes(orgClass: OrganizationClass | undefined): Problem[] {
  if (!orgClass) return [];
  return notYet('OrganizationClass', orgClass.spec).map(({ message, ...rest }) => ({
    ...rest,
    message: `OrganizationClass ${orgClass.metadata.name}: ${message}`,
  }));
}

export function judgeOrganization(
  organization: Organization,
  context: OrganizationContext,
): { problem?: Problem; notes: readonly Problem[] } {
  const problem = firstProblem(CHECKS, organization, context);
  const own = notYet('Organization', organization.spec);
  return { ...(problem && { problem }), notes: [...own, ...classNotes(context.orgClass)] };
}

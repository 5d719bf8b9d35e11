import type { Organization } from '../../../api/index.ts';
import type { InForce } from '../../../api/record.ts';
import { unknownCountry } from '../../checks/country.ts';
import { Memo } from '../../memo.ts';
import { type Tenant, tenantOf } from '../../tenant.ts';
import type { Problem } from '../../verdict.ts';
import { notYet as notYetOfClass } from '../organization-class/not-yet.ts';
import {
  type Amount,
  type ClassInForce,
  type Fault,
  faultOfClass,
  faultOfDomain,
  faultOfLimit,
  faultOfSignalling,
  type OrganizationWorld,
  type Signalling,
  wrongName,
} from './checks.ts';
import { notYet } from './not-yet.ts';

export interface JudgedOrganization {
  /** The first that is wrong, and what is in force until it is put right. */
  readonly problem?: Problem;
  readonly notes: readonly Problem[];
  /** What is in force; undefined: nothing. */
  readonly tenant?: Tenant;
  /** What is to be remembered, for when one of its fields is refused. */
  readonly inForce?: InForce;
}

/**
 * An Organization that is refused for a field keeps what that field last was when it was good, and everything else of it
 * applies: whoever could have all of her Organization ignored by spoiling one field of it would be out of reach of a
 * suspension, a limit, a user who is disabled. One that never was good has no PBX.
 */
export function judgeOrganization(organization: Organization, world: OrganizationWorld): JudgedOrganization {
  const own = [
    ...notYet(organization.spec),
    ...unknownCountry(organization.spec.location?.country, 'spec.location.country'),
  ];
  const misnamed = wrongName(organization, world);
  if (misnamed) return { problem: misnamed, notes: own };
  const { metadata, spec } = organization;
  const kept = world.inForce?.organization === metadata.uid ? world.inForce : undefined;
  const asked = world.classes.find(one => one.metadata.name === (spec.className ?? 'general'));
  const classFault = faultOfClass(organization, asked, kept, world);
  const orgClass = classFault ? classFault.instead : asked && { name: asked.metadata.name, spec: asked.spec };
  const notes = [...own, ...(orgClass ? notYetOfClass(orgClass) : [])];
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

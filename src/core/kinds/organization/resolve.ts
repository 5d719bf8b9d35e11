import type { Organization } from '../../../api/index.ts';
import type { InForce } from '../../../api/record.ts';
import { unknownCountry } from '../../checks/country.ts';
import type { Finding } from '../../finding.ts';
import { Memo } from '../../memo.ts';
import { type Tenant, tenantOf } from '../../tenant.ts';
import { notYet as notYetOfClass } from '../organization-class/not-yet.ts';
import {
  type Amount,
  type ClassInForce,
  type OrganizationContext,
  type RefusedField,
  refusedClass,
  refusedDomain,
  refusedLimit,
  refusedSignalling,
  type Signalling,
  wrongName,
} from './checks.ts';
import { notYet } from './not-yet.ts';

export interface EvaluatedOrganization {
  /** The first that is wrong, and what is in force until it is put right. */
  readonly violation?: Finding;
  readonly notices: readonly Finding[];
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
export function evaluateOrganization(organization: Organization, snapshot: OrganizationContext): EvaluatedOrganization {
  const own = [
    ...notYet(organization.spec),
    ...unknownCountry(organization.spec.location?.country, 'spec.location.country'),
  ];
  const misnamed = wrongName(organization, snapshot);
  if (misnamed) return { violation: misnamed, notices: own };
  const { metadata, spec } = organization;
  const kept = snapshot.inForce?.organization === metadata.uid ? snapshot.inForce : undefined;
  const asked = snapshot.classes.find(one => one.metadata.name === (spec.className ?? 'general'));
  const classRefused = refusedClass(organization, asked, kept, snapshot);
  const orgClass = classRefused ? classRefused.fallback : asked && { name: asked.metadata.name, spec: asked.spec };
  const notices = [...own, ...(orgClass ? notYetOfClass(orgClass) : [])];
  const wanted = tenantOf(organization, orgClass, snapshot.objects.Location);
  const ceilings = { users: undefined, ...orgClass?.spec.ceilings?.limits };
  const limits = Object.entries(ceilings).map(([name, ceiling]) => ({
    name,
    refused: refusedLimit(name, wanted, ceiling, kept),
  }));
  const domain = refusedDomain(wanted, kept, snapshot);
  const signalling = refusedSignalling(wanted, kept, snapshot);
  const refusals = [classRefused, ...limits.map(({ refused }) => refused), domain, signalling].filter(
    one => one !== undefined,
  );
  // without a class the built-in values are good; anything else has no other value
  const hopeless = kept ? refusals.find(one => one !== classRefused && one.fallback === undefined) : refusals[0];
  if (hopeless) return { violation: hopeless.violation, notices };
  const tenant = restored(wanted, {
    domain: domain?.fallback,
    signalling: signalling?.fallback,
    limits: limits.flatMap(({ name, refused }) =>
      refused?.fallback === undefined ? [] : [[name, refused.fallback] as const],
    ),
  });
  const [first] = refusals;
  return {
    ...(first && { violation: withFallback(first) }),
    notices,
    tenant,
    inForce: inForceOf(tenant, orgClass),
  };
}

function withFallback({ violation, fallbackText }: RefusedField<unknown>): Finding {
  if (fallbackText === undefined) return violation;
  return {
    ...violation,
    message: `${violation.message}. Until then ${fallbackText} stays in force, and all else applies`,
  };
}

interface Fallbacks {
  readonly domain: string | undefined;
  readonly signalling: Signalling | undefined;
  readonly limits: readonly (readonly [name: string, limit: Amount])[];
}

const tenants = new Memo<Tenant, Tenant>();

/** The same tenant for the same last good values, so that what is made of it can be remembered too. */
function restored(tenant: Tenant, { domain, signalling, limits }: Fallbacks): Tenant {
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

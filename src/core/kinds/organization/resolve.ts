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
  /** The first field that is refused; the message says which value applies until it is corrected. */
  readonly violation?: Finding;
  readonly notices: readonly Finding[];
  /** The settings that apply; undefined: the Organization has no PBX. */
  readonly tenant?: Tenant;
  /** The accepted values to record, for when a field is refused later. */
  readonly inForce?: InForce;
}

/**
 * Evaluates an Organization. For a field that is refused the last accepted value applies, and the rest of the spec applies as
 * it is. If one invalid field made the operator ignore the whole spec, a tenant could escape a suspension, a limit or a
 * disabled user by breaking a field. An Organization that was never accepted has no PBX.
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
  // Without a class the built-in values apply; for anything else there is no other value.
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

/** The identical Tenant for the same fallback values, so that results can be kept by it. */
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

import type { Location } from '../../api/index.ts';
import { emergencyNumbers, WORK_EVERYWHERE } from '../countries.ts';
import type { Tenant } from '../tenant.ts';
import type { IdentityIndex } from './identities.ts';

/**
 * Emergency numbers of one Location. Users can dial those of their own Location only, so that a Location in another country
 * does not take extensions away from everybody.
 */
export interface EmergencyNumbers {
  /** The dialplan context that has them as extensions. */
  readonly context: string;
  readonly numbers: readonly string[];
}

/** The name of a user's Location: their own, else the Organization's; undefined: none. */
export function locationName(own: string | undefined, tenant: Tenant): string | undefined {
  return own ?? tenant.organization.spec.location?.name;
}

/** The context with the emergency numbers of a Location; without one: of the Organization's country. */
export function emergencyContext(location: string | undefined): string {
  return location === undefined ? 'em' : `em-${location}`;
}

/** The emergency numbers of the Organization and of each Location, sorted by context. */
export function emergencyPlans(
  tenant: Tenant,
  locations: readonly Location[],
  ownerOfExtension: IdentityIndex['ownerOfExtension'],
): readonly EmergencyNumbers[] {
  const over = overridden(tenant, ownerOfExtension);
  const plan = (location: string | undefined, numbers: readonly string[]): EmergencyNumbers => ({
    context: emergencyContext(location),
    numbers: [...new Set([...WORK_EVERYWHERE, ...numbers])].filter(number => !over.has(number)).sort(),
  });
  const own = locations.map(({ metadata, spec }) =>
    plan(metadata.name, spec.emergency?.numbers ?? emergencyNumbers(spec.country)),
  );
  return [plan(undefined, emergencyNumbers(tenant.country)), ...own].sort((a, b) => (a.context < b.context ? -1 : 1));
}

/**
 * Emergency numbers that ring an extension instead, because `extensions.overEmergency` lists them and somebody has the
 * extension. Never 112 and 911, so that there is always an emergency number.
 */
export function overridden(tenant: Tenant, ownerOfExtension: IdentityIndex['ownerOfExtension']): ReadonlySet<string> {
  const allowed = tenant.organization.spec.extensions?.overEmergency ?? [];
  return new Set(
    allowed.filter(number => !WORK_EVERYWHERE.includes(number) && ownerOfExtension.get(number) !== undefined),
  );
}

/** Whether a number is an emergency number of a context, by `emergencyKey`. */
export function emergencyLookup(plans: readonly EmergencyNumbers[]): ReadonlyMap<string, true> {
  return new Map(plans.flatMap(({ context, numbers }) => numbers.map(number => [emergencyKey(context, number), true])));
}

export function emergencyKey(context: string, number: string): string {
  return `${context} ${number}`;
}

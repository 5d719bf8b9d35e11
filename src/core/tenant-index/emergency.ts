import type { Location } from '../../api/index.ts';
import { emergencyNumbers, WORK_EVERYWHERE } from '../countries.ts';
import type { Tenant } from '../tenant.ts';
import type { IdentityIndex } from './identities.ts';

/**
 * Which numbers call for help, by Location: a user dials those of the Location that the user is at, and no others, so that
 * a Location somewhere else takes no extension away.
 */
export interface EmergencyNumbers {
  /** Context of the dialplan whose extensions they are. */
  readonly context: string;
  readonly numbers: readonly string[];
}

/** The name of the Location that somebody is at: the user's own, else the Organization's; undefined: none. */
export function locationName(own: string | undefined, tenant: Tenant): string | undefined {
  return own ?? tenant.organization.spec.location?.name;
}

/** The context with the emergency numbers of a Location; of no Location: of the Organization's country. */
export function emergencyContext(location: string | undefined): string {
  return location === undefined ? 'em' : `em-${location}`;
}

/** The numbers of each Location, and of the Organization itself, in the order of their contexts. */
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
 * Emergency numbers that ring a room here, because the provider said so (`extensions.overEmergency`) and somebody has the
 * extension. Never those that work everywhere: there must be one that everybody knows.
 */
export function overridden(tenant: Tenant, ownerOfExtension: IdentityIndex['ownerOfExtension']): ReadonlySet<string> {
  const allowed = tenant.organization.spec.extensions?.overEmergency ?? [];
  return new Set(
    allowed.filter(number => !WORK_EVERYWHERE.includes(number) && ownerOfExtension.get(number) !== undefined),
  );
}

/** By `<context> <number>`, whether a number calls for help there. */
export function emergencyLookup(plans: readonly EmergencyNumbers[]): ReadonlyMap<string, true> {
  return new Map(plans.flatMap(({ context, numbers }) => numbers.map(number => [emergencyKey(context, number), true])));
}

export function emergencyKey(context: string, number: string): string {
  return `${context} ${number}`;
}

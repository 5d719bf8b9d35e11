import type { Check, Finding } from '../finding.ts';
import { emergencyContext, emergencyKey, locationName } from '../tenant-index/emergency.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';

const FIELD = 'spec.extension';

/** An extension of a length that the Organization does not have. */
export function extensionLength<T>(extensionOf: (object: T) => string): Check<T, TenantIndex> {
  return (object, { tenant }) => {
    const bounds = tenant.organization.spec.extensions;
    const min = bounds?.minDigits ?? 2;
    const max = bounds?.maxDigits ?? 8;
    const extension = extensionOf(object);
    if (extension.length >= min && extension.length <= max) return undefined;
    const message = `Extension ${extension} has ${extension.length} digits; this organization's have ${min} to ${max}`;
    return { reason: 'InvalidExtension', field: FIELD, message };
  };
}

/** An extension that the Organization keeps for itself, or that calls for help where the object is. */
export function extensionReserved<T>(
  extensionOf: (object: T) => string,
  { locationOf = () => undefined, mayCallForHelp = () => false }: ReservedOptions<T> = {},
): Check<T, TenantIndex> {
  return (object, index) => {
    const extension = extensionOf(object);
    if (index.tenant.organization.spec.extensions?.reserved?.includes(extension)) {
      const message = `Extension ${extension} is reserved by the Organization; choose another`;
      return { reason: 'ReservedExtension', field: FIELD, message };
    }
    return mayCallForHelp(object, index) ? undefined : callsForHelp(extension, locationOf(object), index);
  };
}

interface ReservedOptions<T> {
  /** The name of the object's own Location; undefined: it is where its Organization is. */
  readonly locationOf?: (object: T) => string | undefined;
  /** It is in service all the same, and told of it otherwise. */
  readonly mayCallForHelp?: (object: T, index: TenantIndex) => boolean;
}

/** An extension that is an emergency number at a Location, or where the Organization is. */
export function callsForHelp(
  extension: string,
  own: string | undefined,
  { tenant, emergency }: TenantIndex,
): Finding | undefined {
  const location = locationName(own, tenant);
  if (!emergency.get(emergencyKey(emergencyContext(location), extension))) return undefined;
  const where = location === undefined ? 'here' : `of Location ${location}`;
  const message = `Extension ${extension} is an emergency number ${where}: who dials it there calls for help; choose another extension`;
  return { reason: 'ReservedExtension', field: FIELD, message };
}

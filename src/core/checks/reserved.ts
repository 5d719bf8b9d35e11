import type { Check, Finding } from '../finding.ts';
import { emergencyContext, emergencyKey, locationName } from '../tenant-index/emergency.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';

const FIELD = 'spec.extension';

/** Refuses an extension whose length the Organization does not allow. */
export function extensionLength<T>(extensionOf: (object: T) => string): Check<T, TenantIndex> {
  return (object, { tenant }) => {
    const bounds = tenant.organization.spec.extensions;
    const min = bounds?.minDigits ?? 2;
    const max = bounds?.maxDigits ?? 8;
    const extension = extensionOf(object);
    if (extension.length >= min && extension.length <= max) return undefined;
    const message = `Extension ${extension} has ${extension.length} digits, but the Organization asks for ${min} to ${max}; choose another, or change its spec.extensions`;
    return { reason: 'InvalidExtension', field: FIELD, message };
  };
}

/** Refuses an extension that the Organization reserves, or that is an emergency number at the object's Location. */
export function extensionReserved<T>(
  extensionOf: (object: T) => string,
  { locationOf = () => undefined, mayBeEmergencyNumber = () => false }: ReservedOptions<T> = {},
): Check<T, TenantIndex> {
  return (object, index) => {
    const extension = extensionOf(object);
    if (index.tenant.organization.spec.extensions?.reserved?.includes(extension)) {
      const message = `Extension ${extension} is reserved by the Organization; choose another`;
      return { reason: 'ReservedExtension', field: FIELD, message };
    }
    return mayBeEmergencyNumber(object, index) ? undefined : emergencyNumber(extension, locationOf(object), index);
  };
}

interface ReservedOptions<T> {
  /** The name of the object's own Location; undefined: it has that of its Organization. */
  readonly locationOf?: (object: T) => string | undefined;
  /** Whether an object may have an emergency number all the same; it then gets a degradation. */
  readonly mayBeEmergencyNumber?: (object: T, index: TenantIndex) => boolean;
}

/** The finding for an extension that is an emergency number at a Location, by default the Organization's. */
export function emergencyNumber(
  extension: string,
  own: string | undefined,
  { tenant, emergency }: TenantIndex,
): Finding | undefined {
  const location = locationName(own, tenant);
  if (!emergency.get(emergencyKey(emergencyContext(location), extension))) return undefined;
  const where = location === undefined ? 'here' : `of Location ${location}`;
  const message = `Extension ${extension} is an emergency number ${where}: dialling it makes an emergency call; choose another extension`;
  return { reason: 'ReservedExtension', field: FIELD, message };
}

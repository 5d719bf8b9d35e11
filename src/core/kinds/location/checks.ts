import type { Location } from '../../../api/index.ts';
import { numberRefused } from '../../checks/destination.ts';
import { referenceMissing } from '../../checks/reference.ts';
import { WORK_EVERYWHERE } from '../../countries.ts';
import type { Check, Finding } from '../../finding.ts';
import { objectLabel } from '../../object-key.ts';
import type { Tenant } from '../../tenant.ts';
import { emergencyContext, locationName } from '../../tenant-index/emergency.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';

type LocationCheck = Check<Location, TenantIndex>;

const trunkMissing: LocationCheck = ({ spec }, index) =>
  referenceMissing('Trunk', spec.emergency?.trunk, 'spec.emergency.trunk', index);

const callerIdMissing: LocationCheck = ({ spec }, index) =>
  referenceMissing('PhoneNumber', spec.emergency?.callerId, 'spec.emergency.callerId', index);

const trunkNotServed: LocationCheck = ({ spec }, { unserved }) => {
  const name = spec.emergency?.trunk?.name;
  if (name === undefined || unserved.Trunk.get(name) === undefined) return undefined;
  const field = 'spec.emergency.trunk';
  const message = `${field}: Trunk ${name} is not in service (see its status), so emergency calls from this Location use the other trunks; fix it, or choose another`;
  return { reason: 'ReferenceNotReady', field, message };
};

const callerIdRefused: LocationCheck = ({ spec }, { unserved }) => {
  const name = spec.emergency?.callerId?.name;
  return name === undefined
    ? undefined
    : numberRefused(name, 'spec.emergency.callerId', unserved.PhoneNumber.get(name));
};

/** Extensions that are emergency numbers here, so that users of this Location cannot call them. All others can. */
const shadowed: LocationCheck = ({ metadata: { name } }, { tenant, snapshot, identities, emergencyPlans }) => {
  const numbers = emergencyPlans.find(({ context }) => context === emergencyContext(name))?.numbers ?? [];
  const hidden = numbers.flatMap(number => {
    const owner = identities.ownerOfExtension.get(number);
    return owner === undefined ? [] : [`${number} (${objectLabel(owner)})`];
  });
  // last, because it may look at every user
  if (
    hidden.length === 0 ||
    !snapshot.objects.SipUser.some(user => locationName(user.spec.location?.name, tenant) === name)
  )
    return undefined;
  const fixed = WORK_EVERYWHERE.some(number => identities.ownerOfExtension.get(number) !== undefined);
  const orElse = fixed ? '' : ', or set spec.emergency.numbers';
  const message = `Users at this Location who dial ${hidden.join(', ')} make an emergency call, because emergency numbers come before extensions; give those users other extensions${orElse}`;
  return { reason: 'ReservedExtension', field: 'spec.emergency.numbers', message };
};

/** Mistakes of a Location. All of them are reported, and none keeps it out of service. */
export const CHECKS: readonly LocationCheck[] = [
  trunkMissing,
  callerIdMissing,
  trunkNotServed,
  callerIdRefused,
  shadowed,
];

/** An area code in another country has no effect: all users of a tenant dial as in the Organization's country. */
export function areaElsewhere({ spec }: Location, { country }: Tenant): Finding[] {
  if (!spec.areaCode || spec.country === country) return [];
  const message = `spec.areaCode has no effect: numbers are dialled as in the country of the Organization (${country ?? 'none'}), and this Location is in another one; remove it`;
  return [{ reason: 'NotImplementedYet', field: 'spec.areaCode', message }];
}

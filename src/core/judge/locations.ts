import type { Location } from '../../api/index.ts';
import type { Tenant } from '../tenant.ts';
import type { Problem } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { emergencyContext, locationName } from './emergency.ts';
import { notYet } from './not-yet.ts';

export interface JudgedLocation {
  readonly location: Location;
  readonly faults: readonly Problem[];
  readonly notes: readonly Problem[];
}

export function judgeLocation(location: Location, directory: Directory): JudgedLocation {
  const { trunks, numbers, workingTrunks, unservedNumbers, tenant } = directory;
  const { emergency } = location.spec;
  const faults: Problem[] = [];
  const missing = (kind: string, name: string, field: string): void => {
    const message = `${field}: there is no ${kind} ${name} in this namespace; create it or change the reference`;
    faults.push({ reason: 'ReferenceNotFound', field, message });
  };
  if (emergency?.trunk && !trunks.get(emergency.trunk.name))
    missing('Trunk', emergency.trunk.name, 'spec.emergency.trunk');
  if (emergency?.callerId && !numbers.get(emergency.callerId.name)) {
    missing('PhoneNumber', emergency.callerId.name, 'spec.emergency.callerId');
  }
  const chosen = emergency?.trunk?.name;
  if (chosen !== undefined && trunks.get(chosen) && !workingTrunks.get(chosen)) {
    const field = 'spec.emergency.trunk';
    const message = `${field}: Trunk ${chosen} does not work (see its status), so emergency calls of this Location take the other trunks; enable it or choose another`;
    faults.push({ reason: 'ReferenceNotReady', field, message });
  }
  const refused = emergency?.callerId && unservedNumbers.get(emergency.callerId.name);
  if (refused !== undefined) {
    const field = 'spec.emergency.callerId';
    const message = `${field}: PhoneNumber ${emergency?.callerId?.name} is refused (${refused}), so it is not shown; see its status, or choose another`;
    faults.push({ reason: 'ReferenceNotReady', field, message });
  }
  faults.push(...shadowed(location, directory));
  return { location, faults, notes: [...notYet('Location', location.spec), ...areaElsewhere(location, tenant)] };
}

/** All of a tenant dials as in one country. */
function areaElsewhere({ spec }: Location, { country }: Tenant): Problem[] {
  if (!spec.areaCode || spec.country === country) return [];
  const message = `spec.areaCode has no effect: numbers are dialled as in the Organization’s country (${country ?? 'none'}), and this Location is in another; remove it`;
  return [{ reason: 'NotImplementedYet', field: 'spec.areaCode', message }];
}

/** Extensions that nobody at this Location can call, since they call for help there. Their phones ring on for all others. */
function shadowed(location: Location, { tenant, world, register, emergencyPlans }: Directory): Problem[] {
  const { name } = location.metadata;
  const numbers = emergencyPlans.find(({ context }) => context === emergencyContext(name))?.numbers ?? [];
  const hidden = numbers.flatMap(number => {
    const user = register.userByExtension.get(number);
    return user === undefined ? [] : [`${number} (SipUser ${user})`];
  });
  // asked last: it may look at every user
  if (hidden.length === 0 || !world.objects.SipUser.some(user => locationName(user, tenant) === name)) return [];
  const message = `Who is at this Location and dials ${hidden.join(', ')} calls for help: emergency numbers go first; give those users other extensions, or set spec.emergency.numbers`;
  return [{ reason: 'ReservedExtension', field: 'spec.emergency.numbers', message }];
}

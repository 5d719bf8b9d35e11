import type { Location } from '../../api/index.ts';
import type { Problem } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { notYet } from './not-yet.ts';

export interface JudgedLocation {
  readonly location: Location;
  readonly faults: readonly Problem[];
  readonly notes: readonly Problem[];
}

export function judgeLocation(location: Location, { trunks, numbers }: Directory): JudgedLocation {
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
  return { location, faults, notes: notYet('Location', location.spec) };
}

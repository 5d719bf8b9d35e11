import type { PhoneNumber } from '../../../api/index.ts';
import { FALLBACK, resolveDestination } from '../../checks/destination.ts';
import { firstFinding } from '../../finding.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import type { Evaluated } from '../module.ts';
import { CHECKS, NO_DESTINATION, trunkNotServed } from './checks.ts';
import { notYet } from './not-yet.ts';

/** A number as the renderer needs it. */
export interface ResolvedNumber {
  readonly number: PhoneNumber;
  /** The destination word for its calls. */
  readonly word: string;
}

/** A number without a destination is a caller ID only, and is not rendered. */
export function evaluateNumber(number: PhoneNumber, index: TenantIndex): Evaluated<PhoneNumber, ResolvedNumber> {
  const notices = notYet(number.spec);
  const violation = firstFinding(CHECKS, number, index);
  if (violation) return { object: number, violation, degradations: [], notices };
  const degradations = trunkNotServed(number, index);
  const { destination } = number.spec;
  if (!destination) return { object: number, degradations, notices: [...notices, NO_DESTINATION] };
  const next = resolveDestination(destination, 'spec.destination', index);
  if ('word' in next) return { object: number, degradations, notices, resolved: { number, word: next.word } };
  return {
    object: number,
    degradations: [...degradations, next.violation],
    notices,
    resolved: { number, word: FALLBACK },
  };
}

import type { PhoneNumber } from '../../../api/index.ts';
import { FALLBACK, resolveDestination } from '../../checks/destination.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import { firstProblem } from '../../verdict.ts';
import type { Judged } from '../module.ts';
import { CHECKS, NO_DESTINATION, trunkNotServed } from './checks.ts';
import { notYet } from './not-yet.ts';

/** A number as the renderer needs it. */
export interface ResolvedNumber {
  readonly number: PhoneNumber;
  /** Where its calls go. */
  readonly word: string;
}

/** Without a destination it is a caller ID only, and not rendered. */
export function judgeNumber(number: PhoneNumber, index: TenantIndex): Judged<PhoneNumber, ResolvedNumber> {
  const notes = notYet(number.spec);
  const problem = firstProblem(CHECKS, number, index);
  if (problem) return { object: number, problem, faults: [], notes };
  const faults = trunkNotServed(number, index);
  const { destination } = number.spec;
  if (!destination) return { object: number, faults, notes: [...notes, NO_DESTINATION] };
  const next = resolveDestination(destination, 'spec.destination', index);
  if ('word' in next) return { object: number, faults, notes, resolved: { number, word: next.word } };
  return { object: number, faults: [...faults, next.problem], notes, resolved: { number, word: FALLBACK } };
}

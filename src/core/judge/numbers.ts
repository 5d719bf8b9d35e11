import type { PhoneNumber } from '../../api/index.ts';
import { FALLBACK, resolveDestination } from '../checks/destination.ts';
import { notYet } from '../checks/not-yet.ts';
import { overLimit } from '../checks/over-limit.ts';
import { referenceMissing } from '../checks/reference.ts';
import { takenBy } from '../claims.ts';
import type { Judged } from '../kinds/module.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';
import { type Check, firstProblem, type Problem } from '../verdict.ts';

/** A number as the renderer needs it. */
export interface ResolvedNumber {
  readonly number: PhoneNumber;
  /** Where its calls go. */
  readonly word: string;
}

export type JudgedNumber = Judged<PhoneNumber, ResolvedNumber>;

type NumberCheck = Check<PhoneNumber, TenantIndex>;

const notAllowed: NumberCheck = (number, { tenant }) => {
  const patterns = tenant.organization.spec.allowed?.numbers;
  if (!patterns) return undefined;
  const fits = patterns.some((pattern: string) =>
    pattern.endsWith('*') ? number.spec.number.startsWith(pattern.slice(0, -1)) : number.spec.number === pattern,
  );
  if (fits) return undefined;
  return {
    reason: 'NotAllowed',
    field: 'spec.number',
    message: `${number.spec.number} is not among the numbers that the provider gave this organization (spec.allowed.numbers)`,
  };
};

const taken: NumberCheck = (number, { world }) => {
  const holder = takenBy(world.claims.numbers.get(number.spec.number), {
    namespace: world.namespace,
    name: number.metadata.name,
  });
  if (!holder) return undefined;
  return {
    reason: 'Conflict',
    field: 'spec.number',
    message: `${number.spec.number} belongs to ${holder}; delete that one or choose another number`,
  };
};

const trunkMissing: NumberCheck = ({ spec }, index) => referenceMissing('Trunk', spec.trunk, 'spec.trunk', index);

const CHECKS: readonly NumberCheck[] = [
  overLimit('PhoneNumber', 'phoneNumbers', 'phone numbers'),
  notAllowed,
  taken,
  trunkMissing,
];

/** Why a number is not in force; undefined: it is. */
export function unservedNumber(number: PhoneNumber, index: TenantIndex): string | undefined {
  return firstProblem(CHECKS, number, index)?.reason;
}

export function judgeNumber(number: PhoneNumber, index: TenantIndex): JudgedNumber {
  const notes = notYet('PhoneNumber', number.spec);
  const problem = firstProblem(CHECKS, number, index);
  if (problem) return { object: number, problem, faults: [], notes };
  const faults = trunkNotServed(number, index);
  const { destination } = number.spec;
  if (!destination) return { object: number, faults, notes: [...notes, NO_DESTINATION] };
  const next = resolveDestination(destination, 'spec.destination', index);
  if ('word' in next) return { object: number, faults, notes, resolved: { number, word: next.word } };
  return { object: number, faults: [...faults, next.problem], notes, resolved: { number, word: FALLBACK } };
}

/** It can still be dialled inside. */
function trunkNotServed({ spec }: PhoneNumber, { unserved }: TenantIndex): Problem[] {
  const why = spec.trunk && unserved.Trunk.get(spec.trunk.name);
  if (why === undefined) return [];
  const message = `spec.trunk: Trunk ${spec.trunk?.name} is not in service (${why}), so no call comes in by it; put it in order, or change the reference`;
  return [{ reason: 'ReferenceNotReady', field: 'spec.trunk', message }];
}

/** As a caller ID it is good. */
const NO_DESTINATION: Problem = {
  reason: 'NoDestination',
  field: 'spec.destination',
  message:
    'Nobody is called by this number: its callers get what spec.inbound.unknownNumber of the trunk says; set spec.destination, unless it is only shown',
};

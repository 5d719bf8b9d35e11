import type { PhoneNumber } from '../../api/index.ts';
import { type Check, firstProblem, type Problem } from '../verdict.ts';
import { takenBy } from './claims.ts';
import { FALLBACK, resolveDestination } from './destinations.ts';
import type { Directory } from './directory.ts';
import { notYet } from './not-yet.ts';

export interface JudgedNumber {
  readonly number: PhoneNumber;
  readonly problem?: Problem;
  readonly faults: readonly Problem[];
  readonly notes: readonly Problem[];
  /** Destination word; undefined: not rendered. */
  readonly word?: string;
}

type NumberCheck = Check<PhoneNumber, Directory>;

const overLimit: NumberCheck = (number, { tenant, over }) =>
  over.get(number) === undefined
    ? undefined
    : {
        reason: 'LimitExceeded',
        message: `The organization may have ${tenant.limits.phoneNumbers} phone numbers; delete one or raise spec.limits.phoneNumbers`,
      };

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

const trunkMissing: NumberCheck = (number, { trunks }) => {
  const name = number.spec.trunk?.name;
  if (name === undefined || trunks.get(name)) return undefined;
  return {
    reason: 'ReferenceNotFound',
    field: 'spec.trunk',
    message: `spec.trunk: there is no Trunk ${name} in this namespace; create it or change the reference`,
  };
};

const CHECKS: readonly NumberCheck[] = [overLimit, notAllowed, taken, trunkMissing];

export function judgeNumber(number: PhoneNumber, directory: Directory): JudgedNumber {
  const notes = notYet('PhoneNumber', number.spec);
  const problem = firstProblem(CHECKS, number, directory);
  if (problem) return { number, problem, faults: [], notes };
  if (!number.spec.destination) return { number, faults: [], notes };
  const resolved = resolveDestination(number.spec.destination, 'spec.destination', directory);
  if ('word' in resolved) return { number, faults: [], notes, word: resolved.word };
  return { number, faults: [resolved.problem], notes, word: FALLBACK };
}

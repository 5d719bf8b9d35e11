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

/** Why a number is not in force; undefined: it is. */
export function unservedNumber(number: PhoneNumber, directory: Directory): string | undefined {
  return firstProblem(CHECKS, number, directory)?.reason;
}

export function judgeNumber(number: PhoneNumber, directory: Directory): JudgedNumber {
  const notes = notYet('PhoneNumber', number.spec);
  const problem = firstProblem(CHECKS, number, directory);
  if (problem) return { number, problem, faults: [], notes };
  const faults = trunkNotServed(number, directory);
  if (!number.spec.destination) return { number, faults, notes: [...notes, NO_DESTINATION] };
  const resolved = resolveDestination(number.spec.destination, 'spec.destination', directory);
  if ('word' in resolved) return { number, faults, notes, word: resolved.word };
  return { number, faults: [...faults, resolved.problem], notes, word: FALLBACK };
}

/** It can still be dialled inside. */
function trunkNotServed({ spec }: PhoneNumber, { unservedTrunks }: Directory): Problem[] {
  const why = spec.trunk && unservedTrunks.get(spec.trunk.name);
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

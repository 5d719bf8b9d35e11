import type { ObjectOf } from '../../../api/index.ts';
import { FALLBACK, resolveDestination } from '../../checks/destination.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import { firstProblem, type Problem } from '../../verdict.ts';
import type { Judged } from '../module.ts';
import { CHECKS } from './checks.ts';

type Room = ObjectOf<'ConferenceRoom'>;

/** A room as the renderer needs it. */
export interface ResolvedRoom {
  readonly name: string;
  /** Where a caller goes who finds it full, as a word of the engine. */
  readonly whenFull: string;
}

export function judgeRoom(object: Room, index: TenantIndex): Judged<Room, ResolvedRoom> {
  const problem = firstProblem(CHECKS, object, index);
  if (problem) return { object, problem, faults: [], notes: [] };
  const faults: Problem[] = [];
  return {
    object,
    faults,
    notes: [],
    resolved: { name: object.metadata.name, whenFull: whenFull(object, index, faults) },
  };
}

function whenFull({ spec }: Room, index: TenantIndex, faults: Problem[]): string {
  if (!spec.whenFull) return 'hangup:17';
  const next = resolveDestination(spec.whenFull, 'spec.whenFull', index);
  if ('word' in next) return next.word;
  faults.push(next.problem);
  return FALLBACK;
}

import type { ObjectOf } from '../../../api/index.ts';
import { FALLBACK, resolveDestination } from '../../checks/destination.ts';
import { type Finding, firstFinding } from '../../finding.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import type { Evaluated } from '../module.ts';
import { CHECKS } from './checks.ts';

type Room = ObjectOf<'ConferenceRoom'>;

/** A room as the renderer needs it. */
export interface ResolvedRoom {
  readonly name: string;
  /** Where a caller goes who finds it full, as a word of the engine. */
  readonly whenFull: string;
}

export function judgeRoom(object: Room, index: TenantIndex): Evaluated<Room, ResolvedRoom> {
  const violation = firstFinding(CHECKS, object, index);
  if (violation) return { object, violation, degradations: [], notices: [] };
  const degradations: Finding[] = [];
  return {
    object,
    degradations,
    notices: [],
    resolved: { name: object.metadata.name, whenFull: whenFull(object, index, degradations) },
  };
}

function whenFull({ spec }: Room, index: TenantIndex, degradations: Finding[]): string {
  if (!spec.whenFull) return 'hangup:17';
  const next = resolveDestination(spec.whenFull, 'spec.whenFull', index);
  if ('word' in next) return next.word;
  degradations.push(next.violation);
  return FALLBACK;
}

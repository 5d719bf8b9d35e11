import type { Location, PhoneNumber } from '../../api/index.ts';
import type { JudgedTrunk } from '../judge/trunks.ts';
import type { Judged } from '../kinds/module.ts';
import { trunkId } from '../names.ts';
import type { Problem } from '../verdict.ts';
import { conditions, conditionsOf, type Loaded, readiness, type Wanted } from './conditions.ts';
import { cut } from './cut.ts';
import { objectLoaded } from './loaded.ts';
import type { StatusFacts } from './users.ts';

/** Statuses of what leads to and from the world: trunks, numbers, locations. */

export function trunkStatus(
  judged: JudgedTrunk,
  loaded: Loaded,
  rejected: Problem | undefined,
  facts: StatusFacts,
): Record<string, unknown> {
  const { object: trunk } = judged;
  const live = facts.tenant ? facts.report?.trunks[trunkId(facts.tenant.name, trunk.metadata.name)] : undefined;
  const registers = trunk.spec.register?.enabled === true;
  const wanted: Wanted[] = readiness(
    judged.problem ?? rejected ?? judged.faults[0],
    judged.notes,
    objectLoaded(loaded, trunk, facts.report),
  );
  if (judged.resolved && live) {
    if (registers)
      wanted.push({
        type: 'Registered',
        status: live.registration === 'Registered' ? 'True' : 'False',
        reason: live.registration,
      });
    const status = live.reachable === 'Reachable' ? 'True' : live.reachable === 'Unknown' ? 'Unknown' : 'False';
    wanted.push({ type: 'Reachable', status, reason: live.reachable === 'Unknown' ? 'NotAskedYet' : live.reachable });
  }
  const failed = live?.lastCode !== undefined && live.lastCode >= 300 && live.registration !== 'Registered';
  return {
    observedGeneration: trunk.metadata.generation ?? 0,
    conditions: conditions(wanted, conditionsOf(trunk.status), trunk.metadata.generation, facts.now),
    ...(live && registers
      ? {
          registration: {
            state: live.registration,
            ...(live.lastCode === undefined ? {} : { lastCode: live.lastCode }),
          },
        }
      : {}),
    ...(failed ? { lastFailure: lastFailure(trunk.status, live, facts.now) } : {}),
  };
}

function lastFailure(
  before: unknown,
  live: { lastCode?: number | undefined; lastText?: string | undefined },
  now: string,
): Record<string, unknown> {
  const previous = (before as { lastFailure?: { code?: number; text?: string; at?: string } } | undefined)?.lastFailure;
  const text = cut(live.lastText ?? '', 128);
  const same = previous?.code === live.lastCode && previous?.text === text;
  return { code: live.lastCode, text, at: same ? (previous?.at ?? now) : now };
}

export function numberStatus(
  judged: Judged<PhoneNumber>,
  loaded: Loaded,
  rejected: Problem | undefined,
  facts: StatusFacts,
): Record<string, unknown> {
  const { object: number } = judged;
  const wanted = readiness(
    judged.problem ?? rejected ?? judged.faults[0],
    judged.notes,
    objectLoaded(loaded, number, facts.report),
  );
  return {
    observedGeneration: number.metadata.generation ?? 0,
    conditions: conditions(wanted, conditionsOf(number.status), number.metadata.generation, facts.now),
  };
}

export function locationStatus(judged: Judged<Location>, loaded: Loaded, facts: StatusFacts): Record<string, unknown> {
  const { object: location } = judged;
  const wanted = readiness(
    judged.problem ?? judged.faults[0],
    judged.notes,
    objectLoaded(loaded, location, facts.report),
  );
  return {
    observedGeneration: location.metadata.generation ?? 0,
    conditions: conditions(wanted, conditionsOf(location.status), location.metadata.generation, facts.now),
  };
}

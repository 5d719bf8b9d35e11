import type { ObjectMeta } from '../../api/index.ts';
import type { Judged } from '../kinds/module.ts';
import type { Problem } from '../verdict.ts';
import { conditions, conditionsOf, type Loaded, readiness } from './conditions.ts';
import type { More, StatusFacts } from './facts.ts';
import { objectLoaded } from './loaded.ts';

interface Stated {
  readonly metadata: ObjectMeta;
  readonly status?: unknown;
}

/** The status that objects of all kinds have, and what those of one kind say beside it. */
export function standardStatus(
  { object, problem, faults, notes }: Judged<Stated>,
  { loaded, rejected, more = {} }: { loaded: Loaded; rejected: Problem | undefined; more?: More },
  facts: StatusFacts,
): Record<string, unknown> {
  const { generation } = object.metadata;
  const own = objectLoaded(loaded, object, facts.report);
  const wanted = [...readiness(problem ?? rejected ?? faults[0], notes, own), ...(more.conditions ?? [])];
  return {
    observedGeneration: generation ?? 0,
    conditions: conditions(wanted, conditionsOf(object.status), generation, facts.now),
    ...more.members,
  };
}

import type { ObjectMeta } from '../../api/index.ts';
import type { Finding } from '../finding.ts';
import type { Evaluated } from '../kinds/module.ts';
import { conditions, conditionsOf, type Loaded, readiness } from './conditions.ts';
import type { More, StatusFacts } from './facts.ts';
import { objectLoaded } from './loaded.ts';

interface Stated {
  readonly metadata: ObjectMeta;
  readonly status?: unknown;
}

/** The status that objects of all kinds have, with what one kind adds (`more`). */
export function standardStatus(
  { object, violation, degradations, notices }: Evaluated<Stated>,
  { loaded, rejected, more = {} }: { loaded: Loaded; rejected: Finding | undefined; more?: More },
  facts: StatusFacts,
): Record<string, unknown> {
  const { generation } = object.metadata;
  const own = objectLoaded(loaded, object, facts.report);
  const wanted = [...readiness(violation ?? rejected ?? degradations[0], notices, own), ...(more.conditions ?? [])];
  return {
    observedGeneration: generation ?? 0,
    conditions: conditions(wanted, conditionsOf(object.status), generation, facts.now),
    ...more.members,
  };
}

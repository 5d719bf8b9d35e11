import type { NamespacedKind } from '../api/index.ts';
import type { StatusWrite } from '../core/plan.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Caches } from './caches.ts';
import { applyStatuses, type ExecuteOptions } from './execute.ts';
import type { Pass } from './pass.ts';
import type { StatusBudget } from './status-budget.ts';

/** Decides which statuses of a plan are written now, in which order, and which later. */
export interface StatusesOptions extends ExecuteOptions {
  readonly clock: Clock;
  /** Whether a user edited a tenant since its pass began, and waits for the next pass. */
  readonly isAwaited: (namespace: string) => boolean;
}

const NEXT_STATUS_MS = 1_000;
/** So many statuses a pass writes even when a user waits for the next pass. */
const HANDFUL = 64;

/** Returns milliseconds until the rest should be written; undefined: that is all. */
export async function writeStatuses(
  { tenant, snapshot, plan }: Pass,
  options: StatusesOptions,
  signal: AbortSignal,
): Promise<number | undefined> {
  const now = options.clock.monotonic();
  const wanted = plan.bundle?.manifest.generation;
  // A bundle that the agent cannot load will not arrive, so there is nothing to wait for.
  const isRefused = snapshot.report?.bundle.seen === wanted && snapshot.report?.bundle.error !== undefined;
  const loaded = isRefused ? wanted : snapshot.report?.bundle.loaded;
  const waitMs = tenant.statusDebounce.leftMs(wanted, loaded, now);
  if (waitMs > 0) return waitMs;
  let drawn = 0;
  function* untilAwaited(): Generator<StatusWrite> {
    for (const write of inTurn(plan.statuses, tenant.statusBudget, options.caches, now)) {
      if (drawn >= HANDFUL && options.isAwaited(tenant.namespace)) return;
      drawn++;
      yield write;
    }
  }
  await applyStatuses(untilAwaited(), plan.events, options, signal);
  return drawn < plan.statuses.length ? NEXT_STATUS_MS : undefined;
}

/** Kinds with few objects first. Answers to edits have no budget; changes that phones cause have one. */
function* inTurn(
  statuses: readonly StatusWrite[],
  budget: StatusBudget,
  caches: Caches,
  now: number,
): Generator<StatusWrite> {
  const few = statuses.filter(({ kind }) => kind !== 'SipUser');
  const many = statuses.filter(({ kind }) => kind === 'SipUser');
  for (const some of [few, many]) {
    const { answers = [], rest = [] } = Object.groupBy(some, one => (isAnswer(one, caches) ? 'answers' : 'rest'));
    yield* answers;
    yield* budget.grant(rest, now);
  }
}

/** Whether a status is the first one for a generation of the spec, for which a user may wait. */
function isAnswer({ kind, namespace, name, status }: StatusWrite, caches: Caches): boolean {
  const live = caches.store(kind as NamespacedKind).get(namespace, name)?.['status'] as
    | { observedGeneration?: number }
    | undefined;
  return live?.observedGeneration !== status['observedGeneration'];
}

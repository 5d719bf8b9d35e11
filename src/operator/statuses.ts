import type { NamespacedKind } from '../api/index.ts';
import type { StatusWrite } from '../core/plan.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Caches } from './caches.ts';
import { applyStatuses, type ExecuteOptions } from './execute.ts';
import type { Pass } from './pass.ts';
import type { StatusBudget } from './status-budget.ts';

/** Which statuses and events of a plan are written now, in which order, and which later. */
export interface StatusesOptions extends ExecuteOptions {
  readonly clock: Clock;
  /** Somebody edited a tenant since its pass began, and waits for the next one. */
  readonly isAwaited: (namespace: string) => boolean;
}

const NEXT_STATUS_MS = 1_000;
/** Statuses that a pass writes even when somebody waits for the next one: of a new user's 5,000 neighbours, say. */
const HANDFUL = 64;

/** Returns milliseconds until the rest should be written; undefined: that is all. */
export async function writeStatuses(
  { tenant, snapshot, plan }: Pass,
  options: StatusesOptions,
  signal: AbortSignal,
): Promise<number | undefined> {
  const now = options.clock.monotonic();
  const wanted = plan.bundle?.manifest.generation;
  // A bundle that the agent cannot take does not arrive: there is nothing to wait for.
  const isRefused = snapshot.report?.bundle.seen === wanted && snapshot.report?.bundle.error !== undefined;
  const loaded = isRefused ? wanted : snapshot.report?.bundle.loaded;
  const waitMs = tenant.statusDebounce.leftMs(wanted, loaded, now);
  if (waitMs > 0) return waitMs;
  let told = 0;
  function* untilAwaited(): Generator<StatusWrite> {
    for (const write of inTurn(plan.statuses, tenant.statusBudget, options.caches, now)) {
      if (told >= HANDFUL && options.isAwaited(tenant.namespace)) return;
      told++;
      yield write;
    }
  }
  await applyStatuses(untilAwaited(), plan.events, options, signal);
  return told < plan.statuses.length ? NEXT_STATUS_MS : undefined;
}

/** The few objects of a tenant first. What a person edited is answered without a budget; what the phones do has one. */
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

/** The first status of a generation. */
function isAnswer({ kind, namespace, name, status }: StatusWrite, caches: Caches): boolean {
  const live = caches.store(kind as NamespacedKind).get(namespace, name)?.['status'] as
    | { observedGeneration?: number }
    | undefined;
  return live?.observedGeneration !== status['observedGeneration'];
}

import type { Operation } from '../api/operation.ts';
import type { Plan } from '../core/plan.ts';
import type { Away } from '../core/snapshot.ts';
import { KubeError } from '../kube/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Agents } from './agents.ts';
import { deletePod, type ExecuteOptions } from './execute.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { Records } from './records.ts';
import { RollGuard } from './roll-guard.ts';
import type { TenantRuntime, TenantRuntimes } from './tenant-runtime.ts';

/** Carries out the roll of a plan, and records which PBX was replaced until it is ready again. */
export interface RollsOptions extends ExecuteOptions {
  readonly tenants: TenantRuntimes;
  readonly agents: Agents;
  readonly records: Records;
  readonly clock: Clock;
  readonly metrics: OperatorMetrics;
  readonly log: Logger;
}

/** Pause when another PBX was reserved between the decision and the replacement. */
const LOOK_AGAIN_MS = 5_000;

export class Rolls {
  readonly #options: RollsOptions;
  readonly #guard: RollGuard;

  constructor(options: RollsOptions) {
    this.#options = options;
    const { agents, metrics, tenants } = options;
    const channelsOf = (tenant: TenantRuntime | undefined): number | undefined =>
      tenant && agents.view(tenant).report?.channels;
    this.#guard = new RollGuard({ ...options, channelsOf: namespace => channelsOf(tenants.find(namespace)) });
    metrics.away = () => this.#guard.awayBut('').map(({ ms }) => ms / 1000);
  }

  /** PBXs of other tenants that are away, without names, because this goes into statuses. */
  awayBut(namespace: string): Away[] {
    return this.#guard.awayBut(namespace).map(({ cause, stuck }) => ({ cause, stuck }));
  }

  /** Milliseconds until the next pass; undefined: when something changes. */
  async carryOut(tenant: TenantRuntime, plan: Plan, signal: AbortSignal): Promise<number | undefined> {
    const { namespace } = tenant;
    tenant.operations.send(plan.operations, operation => this.#ask(tenant, operation, signal));
    if (plan.rollPending?.cause !== undefined) this.#logBlocker(namespace, plan.rollPending.cause);
    await this.#endReplacement(tenant, plan, signal);
    if (!plan.roll) return undefined;
    const { cause } = plan.roll;
    if (cause === undefined) {
      await this.#replace(namespace, plan.roll, signal);
      return undefined;
    }
    if (!this.#guard.reserve(namespace, cause)) return LOOK_AGAIN_MS;
    const { records, clock, log } = this.#options;
    try {
      // Recorded before the pod is deleted, so that the next leader does not replace another one meanwhile.
      const at = new Date(clock.now()).toISOString();
      const record = { ...records.of(namespace), replaced: { pod: plan.roll.uid, cause, at } };
      await records.write(namespace, record, signal);
      await this.#replace(namespace, plan.roll, signal);
    } catch (error) {
      if (!(error instanceof KubeError) || error.retryable) throw error;
      log.warn({ namespace, err: error }, 'Failed to replace a PBX pod, trying again'); // all else goes on
      return LOOK_AGAIN_MS;
    } finally {
      this.#guard.release(namespace);
    }
    return undefined;
  }

  async #replace(namespace: string, roll: NonNullable<Plan['roll']>, signal: AbortSignal): Promise<void> {
    this.#options.log.info({ namespace, pod: roll.pod, reason: roll.reason }, 'Replaced a PBX pod');
    this.#options.metrics.rolled(roll.reason);
    await deletePod(roll, namespace, this.#options, signal);
  }

  /** Ends a replacement: the PBX is ready again, or somebody removed it from the record. */
  async #endReplacement(tenant: TenantRuntime, { rolling }: Plan, signal: AbortSignal): Promise<void> {
    const { records } = this.#options;
    const { namespace } = tenant;
    const { replaced, ...record } = records.of(namespace);
    if (replaced && !this.#guard.isOver(namespace, replaced, rolling)) return;
    tenant.stopsRoll = undefined;
    if (replaced) await records.write(namespace, record, signal);
  }

  /** Logs once which PBX stops a roll: statuses do not name other tenants. */
  #logBlocker(namespace: string, cause: string): void {
    const { tenants, log } = this.#options;
    for (const away of this.#guard.awayBut(namespace)) {
      if (!away.stuck || away.cause !== cause) continue;
      const tenant = tenants.of(away.namespace);
      if (tenant.stopsRoll === cause) continue;
      tenant.stopsRoll = cause;
      log.warn(
        { namespace: away.namespace, cause },
        'A roll stops: this PBX was replaced and does not serve. Bring it up, or take "replaced" out of its record in the namespace of the operator',
      );
    }
  }

  /** Errors are only logged: the next pass asks again. */
  async #ask(tenant: TenantRuntime, operation: Operation, signal: AbortSignal): Promise<void> {
    const { agents, log } = this.#options;
    const { namespace } = tenant;
    await agents.ask(tenant, operation, signal).catch((error: unknown) => {
      if (!signal.aborted) log.warn({ namespace, verb: operation.verb, err: error }, 'Failed to ask an agent');
    });
  }
}

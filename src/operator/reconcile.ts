import { limitedKinds } from '../api/index.ts';
import { Memo } from '../core/memo.ts';
import { NUDGE } from '../core/names.ts';
import { isAgentPending } from '../core/snapshot.ts';
import { KubeError } from '../kube/errors.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Logger } from '../runtime/log.ts';
import type { Agents } from './agents.ts';
import { type DecideOptions, decide, generateSecrets } from './decide.ts';
import { applyAll, pruneAll, rejectionEvent, rejectionText } from './execute.ts';
import { type GatherOptions, gather, type LiveState } from './gather.ts';
import type { Pass } from './pass.ts';
import { podIpOf } from './pod-view.ts';
import type { QuotaProbe } from './quota-probe.ts';
import { Rolls } from './rolls.ts';
import { type StatusesOptions, writeStatuses } from './statuses.ts';
import type { TenantRuntime, TenantRuntimes } from './tenant-runtime.ts';

/** One pass over one tenant: gather, decide, carry out. `reconcile` lists the steps. */
export interface ReconcilerOptions extends GatherOptions, DecideOptions, StatusesOptions {
  readonly tenants: TenantRuntimes;
  readonly agents: Agents;
  readonly quotaProbe: QuotaProbe;
  readonly log: Logger;
}

/** Milliseconds until a step needs another pass; undefined: only when something changes. */
type Again = number | undefined;

/** What only the running operator knows of a tenant, and when that changes although nothing happens. */
interface Observed extends LiveState {
  readonly changesIn: Again;
  /** Milliseconds until the tenant counts as installed; undefined: it does. */
  readonly installedIn: Again;
}

/** Each tenant gets a pass at least this often, to renew certificates and find what was missed. It writes nothing otherwise. */
const LOOK_AGAIN_MS = 3_600_000;
const AT_ONCE = 0;
/** Pause while a namespace that was created after the start is still being listed. */
const INCOMPLETE_MS = 2_000;
/** Kinds whose newest object says whether a tenant is still being installed: a quota made meanwhile could break that. */
const COUNTED = ['Organization', ...limitedKinds.map(({ kind }) => kind)] as const;

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #rolls: Rolls;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#rolls = new Rolls(options);
  }

  /** One pass. Milliseconds until the next one is due; undefined: when something changes. */
  async reconcile(namespace: string, signal: AbortSignal): Promise<Again> {
    // The operator's own namespace has records of tenants, but is not a tenant.
    if (namespace === this.#options.platform.operatorNamespace || !this.#options.caches.watches(namespace))
      return undefined;
    // Nothing may be written in a namespace that is deleted or being deleted.
    if (!this.#isThere(namespace)) return this.#drop(namespace, signal);
    if (!this.#options.caches.isComplete(namespace)) return INCOMPLETE_MS;
    const tenant = this.#options.tenants.of(namespace);

    this.#followAgent(tenant, signal);
    const observed = this.#observe(tenant);
    const snapshot = await gather(tenant, observed, this.#options, signal);
    const compiled = decide(snapshot, this.#options);
    const decided = await generateSecrets(compiled, this.#options, signal);

    const pass: Pass = { tenant, ...decided, refused: [] };
    return earliest([
      this.#nextPassIn(pass, observed),
      await this.#recordInForce(pass, signal),
      await this.#applyChildren(pass, signal),
      this.#deliverBundle(pass, signal),
      await this.#pruneChildren(pass, signal),
      await this.#nudgeKubelet(pass, signal),
      await this.#rollPod(pass, signal),
      await this.#writeStatuses(pass, signal),
      await this.#reportRejected(pass, signal),
    ]);
  }

  #isThere(namespace: string): boolean {
    const itself = this.#options.caches.store('Namespace').get('', namespace);
    return itself !== undefined && itself.metadata.deletionTimestamp === undefined;
  }

  /**
   * Forgets a tenant. This is the only place: whatever keeps something by namespace keeps it in the TenantRuntime, or is
   * called from here.
   */
  async #drop(namespace: string, signal: AbortSignal): Promise<undefined> {
    const { tenants, claims, records, lookAgain } = this.#options;
    tenants.drop(namespace);
    // The deletion of the record has the same effect, but there may never have been a record.
    for (const other of claims.hold(namespace, undefined)) lookAgain(other);
    await records.forget(namespace, signal);
  }

  /** Follows the agent in the pod that the tenant has now. */
  #followAgent(tenant: TenantRuntime, signal: AbortSignal): void {
    const { agents, caches } = this.#options;
    const { namespace } = tenant;
    const pod = caches.store('Pod').get(namespace, `${namespace}-pbx-0`);
    const address = podIpOf(pod);
    const target = pod && address ? { podUid: pod.metadata.uid ?? '', address } : undefined;
    agents.follow(tenant, target, signal);
  }

  /**
   * Reads everything that depends on the time at one moment. What becomes due later, while the pass waits for the API server,
   * was not due for this pass and needs another one.
   */
  #observe(tenant: TenantRuntime): Observed {
    const { agents, caches, quotaProbe, clock } = this.#options;
    const { namespace, idleTracker, onboarding, rejectedChildren } = tenant;
    const now = clock.monotonic();
    const agent = agents.view(tenant);
    const budget = caches.store('PodDisruptionBudget').get(namespace, `${namespace}-pbx`);
    const wasIdle = !budget || (budget['spec'] as { maxUnavailable?: unknown } | undefined)?.maxUnavailable === 1;
    const channels = agent.current && agent.report?.observed ? agent.report.channels : undefined;
    const installedIn = onboarding.endsIn(this.#newestIn(namespace), now);
    return {
      agent,
      quotaAllowed: quotaProbe.ready && installedIn === undefined,
      idle: idleTracker.observe(channels, wasIdle, now),
      refused: rejectedChildren.messages,
      away: this.#rolls.awayBut(namespace),
      changesIn: earliest([agents.changesIn(tenant), idleTracker.idleIn(now)]),
      installedIn,
    };
  }

  /** Timestamp of the newest object of the kinds that a quota counts. */
  #newestIn(namespace: string): string {
    const newest = COUNTED.map(kind => newestOf(this.#options.caches.store(kind).list(namespace)));
    return newest.toSorted().at(-1) ?? '';
  }

  #nextPassIn({ plan }: Pass, { changesIn, installedIn }: Observed): Again {
    const { requeueAfterSeconds } = plan;
    return earliest([
      LOOK_AGAIN_MS,
      requeueAfterSeconds === undefined ? undefined : requeueAfterSeconds * 1000,
      changesIn,
      // A tenant without a PBX gets no quota, so it does not matter when it is installed.
      plan.bundle === undefined ? undefined : installedIn,
    ]);
  }

  /** Records the accepted values before they are applied, so that the next leader finds them. */
  async #recordInForce({ tenant: { namespace }, plan: { inForce } }: Pass, signal: AbortSignal): Promise<Again> {
    const { records, caches, metrics, log } = this.#options;
    if (!inForce) {
      // An Organization that cannot be read may become readable again; without one the record is of no use.
      if (caches.store('Organization').list(namespace).length === 0) await records.forget(namespace, signal);
      return undefined;
    }
    try {
      await records.write(namespace, { ...records.of(namespace), inForce }, signal);
    } catch (error) {
      // A record that the server rejects must not keep an edit from the phones.
      if (!(error instanceof KubeError) || error.retryable) throw error;
      log.warn({ namespace, err: error }, 'Failed to remember what is in force of a tenant');
      metrics.refused('ConfigMap');
    }
    return undefined;
  }

  async #applyChildren({ tenant, plan, refused }: Pass, signal: AbortSignal): Promise<Again> {
    refused.push(...(await applyAll(plan.apply, this.#options, signal)));
    // The plan was made before: the next pass reports the rejection in the Organization's status.
    return tenant.rejectedChildren.observe(refused.map(rejectionText)) ? AT_ONCE : undefined;
  }

  async #pruneChildren({ plan }: Pass, signal: AbortSignal): Promise<undefined> {
    await pruneAll(plan.prune, this.#options, signal);
  }

  /** Sends the bundle outside of the pass, and only once it is written, so that the cluster always has what an agent has. */
  #deliverBundle({ tenant, plan, refused }: Pass, signal: AbortSignal): Again {
    if (!plan.deliver || !plan.bundle || refused.length > 0) return undefined;
    const { agents, clock, log } = this.#options;
    const ends = AbortSignal.any([signal, tenant.gone]);
    tenant.deliveries.send(plan.bundle, {
      post: (path, body) => agents.post(tenant, path, body, ends),
      now: () => clock.monotonic(),
      failed: (err, generation) =>
        log.debug({ namespace: tenant.namespace, generation, err }, 'Left a bundle to the kubelet'),
    });
    return undefined;
  }

  async #nudgeKubelet(
    { tenant: { namespace, nudges }, snapshot, plan: { nudge } }: Pass,
    signal: AbortSignal,
  ): Promise<Again> {
    // After a change of leader the agent may have the bundle already.
    if (isAgentPending(snapshot)) return undefined;
    // The agent has it all, or there is no pod.
    if (!nudge) {
      nudges.reset();
      return undefined;
    }
    const { client, clock, metrics } = this.#options;
    const due = nudges.next(nudge.pod, nudge.generation, clock.monotonic());
    if ('afterMs' in due) return due.afterMs;
    metrics.nudged();
    await client
      .annotate(RESOURCES.Pod, namespace, nudge.pod, { [NUDGE]: due.value }, signal)
      .catch((error: unknown) => {
        if (!(error instanceof KubeError) || !error.notFound) throw error; // replaced meanwhile: another pass follows
      });
    const again = nudges.next(nudge.pod, nudge.generation, clock.monotonic());
    return 'afterMs' in again ? again.afterMs : AT_ONCE;
  }

  #rollPod({ tenant, plan }: Pass, signal: AbortSignal): Promise<Again> {
    return this.#rolls.carryOut(tenant, plan, signal);
  }

  async #writeStatuses(pass: Pass, signal: AbortSignal): Promise<Again> {
    // After a change of leader nothing is known of the PBX yet, and the status of the former leader is better.
    if (isAgentPending(pass.snapshot)) return undefined;
    return writeStatuses(pass, this.#options, signal);
  }

  /** Reports rejected children after all other steps, which they do not keep back. Returns when to try again. */
  async #reportRejected(
    { tenant: { namespace, rejectedChildren }, refused }: Pass,
    signal: AbortSignal,
  ): Promise<Again> {
    const { caches, clock, recorder, metrics, log } = this.#options;
    const [organization] = caches.store('Organization').list(namespace);
    for (const one of refused) {
      const { kind, metadata } = one.manifest;
      log.warn({ namespace, kind, name: metadata.name, code: one.error.code }, 'Failed to apply an object');
      metrics.refused(kind);
      if (organization) await recorder.record(rejectionEvent(one, organization), signal);
    }
    return rejectedChildren.retryIn(clock.monotonic());
  }
}

const newest = new Memo<readonly KubeObject[], string>();

function newestOf(list: readonly KubeObject[]): string {
  return newest.of(list, [], () =>
    list.reduce((latest, { metadata: { creationTimestamp: time = '' } }) => (time > latest ? time : latest), ''),
  );
}

function earliest(times: readonly Again[]): Again {
  return times.reduce((first, time) => (time !== undefined && (first === undefined || time < first) ? time : first));
}

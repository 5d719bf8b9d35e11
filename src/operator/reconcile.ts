import type { SipUser } from '../api/index.ts';
import type { compile } from '../core/compile.ts';
import { withGenerated } from '../core/fill.ts';
import { Memo } from '../core/memo.ts';
import { credentialsName, POKE } from '../core/names.ts';
import type { Generate, Plan, StatusWrite } from '../core/plan.ts';
import { isUnheard, type World } from '../core/world.ts';
import { KubeError } from '../kube/errors.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { inParallel } from '../runtime/parallel.ts';
import type { Agents } from './agents.ts';
import type { TenantKind } from './caches.ts';
import { applyAll, type ExecuteOptions, pruneAll, type Refused, refusalNote, refusalWords, tell } from './execute.ts';
import { type GatherOptions, gather, type Situation } from './gather.ts';
import type { OperatorMetrics } from './metrics.ts';
import { podIpOf } from './pod-view.ts';
import type { QuotaCanary } from './quota-canary.ts';
import type { Records } from './records.ts';
import { Rolls } from './rolls.ts';
import type { TenantRuntime, TenantRuntimes } from './tenant-runtime.ts';

/** One tenant, one pass: gather, compile, execute. Says when to look again although nothing changes. */
export interface ReconcilerOptions extends GatherOptions, ExecuteOptions {
  readonly tenants: TenantRuntimes;
  readonly agents: Agents;
  readonly clock: Clock;
  readonly canary: QuotaCanary;
  readonly metrics: OperatorMetrics;
  readonly records: Records;
  readonly log: Logger;
  readonly randomValue: (form: Generate['form']) => string;
  readonly compile: typeof compile;
  /** What another tenant claims changed hands: it must look again. */
  readonly lookAgain: (namespace: string) => void;
  /** Somebody edited a tenant since its pass began, and waits for the next one. */
  readonly isAwaited: (namespace: string) => boolean;
}

/** The cache does not have the newest of an object that we would overwrite: try again when it has. */
class StaleCacheError extends Error {
  constructor(secret: string) {
    super(`The cache has not the newest of Secret ${secret}`);
    this.name = 'StaleCacheError';
  }
}

/** A pass over an unchanged tenant costs nothing; certificates age, and whatever was missed is found. */
const LOOK_AGAIN_MS = 3_600_000;
const NEXT_STATUS_MS = 1_000;
/** Statuses that a pass writes even when somebody waits for the next one: of a new user's 5,000 neighbours, say. */
const HANDFUL = 64;
/** A one-shot installation creates its objects within seconds; a quota made meanwhile would trip it. */
const COUNTED = ['Organization', 'SipUser', 'PhoneNumber', 'Trunk'] as const;

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #rolls: Rolls;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#rolls = new Rolls(options);
  }

  /** Milliseconds until the next pass is due; undefined: when something changes. */
  async reconcile(namespace: string, signal: AbortSignal): Promise<number | undefined> {
    if (namespace === this.#options.platform.operatorNamespace) return undefined;
    this.#follow(namespace, signal);
    const tenant = this.#options.tenants.of(namespace);
    const situation = this.#situation(tenant);
    const gathered = await gather(tenant, situation, this.#options, signal);
    if (!gathered) {
      this.#forget(namespace);
      await this.#options.records.forget(namespace, signal);
      return undefined;
    }
    const { world, plan } = await this.#decide(gathered, signal);
    const later: (number | undefined)[] = [
      LOOK_AGAIN_MS,
      plan.requeueAfterSeconds === undefined ? undefined : plan.requeueAfterSeconds * 1000,
      this.#options.agents.changesIn(namespace),
      tenant.quietness.quietIn(this.#now()),
      situation.quotaMayBeMade || plan.bundle === undefined ? undefined : this.#quotaIn(tenant),
    ];
    await this.#remember(namespace, plan, signal);
    const refused = await applyAll(plan.apply, this.#options, signal);
    if (tenant.refusals.note(refused.map(refusalWords))) later.push(0);
    await pruneAll(plan.prune, this.#options, signal);
    const heard = !isUnheard(world);
    if (heard) later.push(await this.#poke(tenant, plan, signal));
    later.push(await this.#rolls.carryOut(namespace, plan, signal));
    if (heard) later.push(await this.#tell(tenant, world, plan, signal));
    later.push(await this.#complain(refused, tenant, signal));
    return earliest(later);
  }

  /** After all else is done: one object that is not taken keeps nothing back. Returns when to try again. */
  async #complain(
    refused: readonly Refused[],
    { namespace, refusals }: TenantRuntime,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { caches, recorder, metrics, log } = this.#options;
    const [organization] = caches.store('Organization').list(namespace);
    for (const one of refused) {
      const { kind, metadata } = one.manifest;
      log.warn({ namespace, kind, name: metadata.name, code: one.error.code }, 'Failed to apply an object');
      metrics.refused(kind);
      if (organization) await recorder.record(refusalNote(one, organization), signal);
    }
    return refusals.retryIn(this.#now());
  }

  /** Before anything of it is done, so that whoever leads next finds it. */
  async #remember(namespace: string, { inForce }: Plan, signal: AbortSignal): Promise<void> {
    const { records, caches, metrics, log } = this.#options;
    if (!inForce) {
      if (caches.store('Organization').list(namespace).length === 0) await records.forget(namespace, signal);
      return;
    }
    try {
      await records.write(namespace, { ...records.of(namespace), inForce }, signal);
    } catch (error) {
      if (!(error instanceof KubeError) || error.retryable) throw error;
      log.warn({ namespace, err: error }, 'Failed to remember what is in force of a tenant');
      metrics.refused('ConfigMap');
    }
  }

  #situation(tenant: TenantRuntime): Situation {
    const { namespace } = tenant;
    const { agents, caches } = this.#options;
    const agent = agents.view(namespace);
    const budget = caches.store('PodDisruptionBudget').get(namespace, `${namespace}-pbx`);
    const wasQuiet = !budget || (budget['spec'] as { maxUnavailable?: unknown } | undefined)?.maxUnavailable === 1;
    const channels = agent.current && agent.report?.observed ? agent.report.channels : undefined;
    return {
      agent,
      quotaMayBeMade: this.#options.canary.sings && this.#quotaIn(tenant) === undefined,
      quiet: tenant.quietness.note(channels, wasQuiet, this.#now()),
      refused: tenant.refusals.words,
      away: this.#rolls.awayBut(namespace),
    };
  }

  async #decide(gathered: World, signal: AbortSignal): Promise<{ world: World; plan: Plan }> {
    const plan = this.#compile(gathered);
    if (plan.generate.length === 0) return { world: gathered, plan };
    await this.#mustBeFresh(gathered, plan.generate, signal);
    const world = withGenerated(gathered, plan, ({ form }) => this.#options.randomValue(form));
    return { world, plan: this.#compile(world) };
  }

  #compile(world: World): Plan {
    const { claims, clock, metrics } = this.#options;
    const begun = clock.monotonic();
    const plan = this.#options.compile(world, `${new Date(clock.now()).toISOString().slice(0, 19)}Z`);
    metrics.compiled((clock.monotonic() - begun) / 1000);
    // In the step in which it was found to be free: several tenants are decided on at a time.
    if (plan.inForce) for (const one of claims.hold(world.namespace, plan.inForce)) this.#options.lookAgain(one);
    return plan;
  }

  /** A new password over one that the cache has not seen yet would lock a phone out. */
  async #mustBeFresh({ namespace, users }: World, generate: readonly Generate[], signal: AbortSignal): Promise<void> {
    const { client, caches } = this.#options;
    await inParallel([...new Set(generate.map(one => one.secret))], 16, async name => {
      const cached = caches.store('Secret').get(namespace, name) ?? caches.store('ForeignSecret').get(namespace, name);
      const live = await client.get(RESOURCES.Secret, namespace, name, signal);
      if (live?.metadata.resourceVersion !== cached?.metadata.resourceVersion) throw new StaleCacheError(name);
      const owner = live ? undefined : users.find(user => credentialsName(user.metadata.name) === name);
      if (owner && hadCredentials(owner)) await this.#mustLive(owner, namespace, signal);
    });
  }

  /** Her credentials went with her, and the cache has heard of that alone. */
  async #mustLive({ metadata: { name, uid } }: SipUser, namespace: string, signal: AbortSignal): Promise<void> {
    const live = await this.#options.client.get(RESOURCES.SipUser, namespace, name, signal);
    if (live?.metadata.uid !== uid) throw new StaleCacheError(credentialsName(name));
  }

  #follow(namespace: string, signal: AbortSignal): void {
    const { agents, caches } = this.#options;
    const pod = caches.store('Pod').get(namespace, `${namespace}-pbx-0`);
    const address = podIpOf(pod);
    const target = pod && address ? { podUid: pod.metadata.uid ?? '', address } : undefined;
    agents.follow(namespace, target, signal);
  }

  async #poke({ namespace, pokes }: TenantRuntime, plan: Plan, signal: AbortSignal): Promise<number | undefined> {
    if (!plan.poke) {
      pokes.reset();
      return undefined;
    }
    const next = pokes.next(plan.poke.pod, plan.poke.generation, this.#now());
    if ('afterMs' in next) return next.afterMs;
    this.#options.metrics.poked();
    const { client } = this.#options;
    await client
      .annotate(RESOURCES.Pod, namespace, plan.poke.pod, { [POKE]: next.value }, signal)
      .catch((error: unknown) => {
        if (!(error instanceof KubeError) || !error.notFound) throw error; // replaced meanwhile: another pass follows
      });
    const again = pokes.next(plan.poke.pod, plan.poke.generation, this.#now());
    return 'afterMs' in again ? again.afterMs : 0;
  }

  async #tell(tenant: TenantRuntime, world: World, plan: Plan, signal: AbortSignal): Promise<number | undefined> {
    const { namespace, report } = world;
    const generation = plan.bundle?.manifest.generation;
    const refused = report?.bundle.seen === generation && report?.bundle.error !== undefined;
    const loaded = refused ? generation : report?.bundle.loaded;
    const patience = tenant.statusDebounce.leftMs(generation, loaded, this.#now());
    if (patience > 0) return patience;
    let told = 0;
    const { isAwaited } = this.#options;
    const inTurn = this.#inTurn(tenant, plan.statuses);
    function* untilAwaited(): Generator<StatusWrite> {
      for (const write of inTurn) {
        if (told >= HANDFUL && isAwaited(namespace)) return;
        told++;
        yield write;
      }
    }
    await tell(untilAwaited(), plan.events, this.#options, signal);
    return told < plan.statuses.length ? NEXT_STATUS_MS : undefined;
  }

  /** The few objects of a tenant first. What a person edited is answered without a budget; what the phones do has one. */
  *#inTurn({ statusBudget }: TenantRuntime, statuses: readonly StatusWrite[]): Generator<StatusWrite> {
    const now = this.#now();
    const [few, many] = [
      statuses.filter(({ kind }) => kind !== 'SipUser'),
      statuses.filter(({ kind }) => kind === 'SipUser'),
    ];
    for (const some of [few, many]) {
      const { answers = [], rest = [] } = Object.groupBy(some, one => (this.#isAnswer(one) ? 'answers' : 'rest'));
      yield* answers;
      yield* statusBudget.grant(rest, now);
    }
  }

  /** The first status of a generation. */
  #isAnswer({ kind, namespace, name, status }: StatusWrite): boolean {
    const live = this.#options.caches.store(kind as TenantKind).get(namespace, name)?.['status'] as
      | { observedGeneration?: number }
      | undefined;
    return live?.observedGeneration !== status['observedGeneration'];
  }

  /** Milliseconds until the tenant counts as installed; undefined: it does. */
  #quotaIn({ namespace, onboarding }: TenantRuntime): number | undefined {
    const { caches } = this.#options;
    const [newest = ''] = COUNTED.map(kind => newestOf(caches.store(kind).list(namespace)))
      .sort()
      .reverse();
    return onboarding.endsIn(newest, this.#now());
  }

  #forget(namespace: string): void {
    this.#options.tenants.drop(namespace);
    this.#options.agents.forget(namespace);
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}

const newest = new Memo<readonly KubeObject[], string>();

function newestOf(list: readonly KubeObject[]): string {
  return newest.of(list, [], () =>
    list.reduce((latest, { metadata: { creationTimestamp: time = '' } }) => (time > latest ? time : latest), ''),
  );
}

/** A new user has no status that tells of any. */
function hadCredentials({ status }: SipUser): boolean {
  return (status?.conditions ?? []).length > 0;
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((first, time) => (time !== undefined && (first === undefined || time < first) ? time : first));
}

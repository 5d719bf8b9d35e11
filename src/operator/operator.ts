import { collectDefaultMetrics, type Registry } from 'prom-client';
import type { OrganizationClass } from '../api/index.ts';
import { compile } from '../core/compile.ts';
import { AGENT_API_PORT } from '../core/kubernetes/ports.ts';
import { KubeClient } from '../kube/client.ts';
import { KubeLease } from '../kube/lease.ts';
import type { KubeMetrics } from '../kube/metrics.ts';
import { EventRecorder } from '../kube/recorder.ts';
import type { Change } from '../kube/store.ts';
import type { Transport } from '../kube/transport.ts';
import { type Clock, until } from '../runtime/clock.ts';
import { Elector, type Outcome } from '../runtime/elector.ts';
import type { Logger } from '../runtime/log.ts';
import { WorkQueue } from '../runtime/queue.ts';
import { randomValue } from '../runtime/random-value.ts';
import { Agents } from './agents.ts';
import { AgentCertificates, ensureCA, OperatorCertificate } from './ca.ts';
import { Caches } from './caches.ts';
import { ClaimIndex } from './claims.ts';
import { OperatorMetrics } from './metrics.ts';
import { Parsed } from './parsed.ts';
import { isOwnWrite, isRelevant, isUserEdit } from './predicates.ts';
import { QuotaProbe } from './quota-probe.ts';
import { Reconciler } from './reconcile.ts';
import { Records, recordOf } from './records.ts';
import { Secrets } from './secrets.ts';
import { TenantRuntimes } from './tenant-runtime.ts';

/**
 * The operator: caches, which every replica fills, and reconciles of tenants, which only the leader does. It has no state
 * of its own; while it is down nothing changes and everything keeps working.
 */
export interface OperatorOptions {
  readonly transport: Transport;
  readonly namespace: string;
  readonly identity: string;
  readonly image: string;
  readonly clusterCidrs?: readonly string[];
  /** Namespaces of the tenants that are looked after; none: all. */
  readonly watchNamespaces?: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  /** Metrics of the transport, if it has any. */
  readonly kubeMetrics?: KubeMetrics;
  /** Where agents listen; another port only in tests. */
  readonly agentPort?: number;
  /** Replaced only in tests, which spoil what leaves the core. */
  readonly compile?: typeof compile;
}

const WORKERS = 4;
/** Kinds that claim what only one object on the platform may have, or that decide an Organization's domain. */
const CLAIMING: ReadonlySet<string> = new Set(['Organization', 'OrganizationClass', 'SipUser', 'PhoneNumber']);
const LEASE = 'ringfleet-operator';
const REPORTS_SETTLE_MS = 100;
/** A drain is asked for again within a minute even when passes fail: the agent would end it, and it would start anew. */
const ASK_AGAIN_MS = 20_000;

export class Operator {
  readonly registry: Registry;
  readonly caches: Caches;
  readonly queue: WorkQueue;
  readonly tenants = new TenantRuntimes();
  readonly #options: OperatorOptions;
  readonly #client: KubeClient;
  readonly #claims: ClaimIndex;
  readonly #parsed = new Parsed();
  readonly #metrics: OperatorMetrics;
  readonly #records: Records;
  /** Tenants that a user edited since their last pass began. */
  readonly #edited = new Set<string>();

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.registry = options.registry;
    this.#client = new KubeClient(options.transport);
    this.caches = new Caches({ ...options, metrics: options.kubeMetrics });
    this.#records = new Records({ caches: this.caches, client: this.#client, operatorNamespace: options.namespace });
    this.queue = new WorkQueue(options.clock);
    this.#metrics = new OperatorMetrics(this.registry, () => this.queue.depth);
    collectDefaultMetrics({ register: this.registry });
    this.#claims = new ClaimIndex(name => {
      const object = this.caches.store('OrganizationClass').get('', name);
      return object && this.#parsed.sort<OrganizationClass>([object]).valid[0];
    });
    this.caches.onChange((kind, change, namespace) => this.#observe(kind, change, namespace));
  }

  /** Runs until the signal is aborted. `lost`: another process has the lease now, and this one should exit. */
  async run(signal: AbortSignal): Promise<Outcome> {
    const { clock, log, identity, namespace } = this.#options;
    const caching = this.caches.run(signal);
    caching.catch(() => undefined); // it fails only when the signal is aborted
    await until('the caches to be filled', () => (this.caches.synced ? true : undefined), {
      clock,
      deadlineMs: 300_000,
      signal,
    });
    log.info('Filled the caches');
    const elector = new Elector(new KubeLease(this.#client, namespace, LEASE, clock), identity, clock, log);
    return elector.run(leading => this.#lead(leading), signal);
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { clock, log, namespace, image } = this.#options;
    this.#metrics.leads(true);
    try {
      const ca = await ensureCA(this.#client, namespace, clock, signal);
      const certificate = new OperatorCertificate(ca, clock);
      const quotaProbe = new QuotaProbe();
      const reconciler = new Reconciler({
        ...this.#options,
        client: this.#client,
        caches: this.caches,
        tenants: this.tenants,
        parsed: this.#parsed,
        secrets: new Secrets(this.caches, this.#client),
        claims: this.#claims,
        certificates: new AgentCertificates(ca, clock),
        platform: { image, operatorNamespace: namespace, clusterCidrs: this.#options.clusterCidrs ?? [] },
        recorder: new EventRecorder({ client: this.#client, clock, instance: this.#options.identity }),
        agents: new Agents({
          identity: () => certificate.current(),
          ca: ca.certificate,
          port: this.#options.agentPort ?? AGENT_API_PORT,
          clock,
          log,
          onReport: tenant => this.queue.addAfter(tenant, REPORTS_SETTLE_MS),
        }),
        quotaProbe,
        records: this.#records,
        metrics: this.#metrics,
        randomValue,
        compile: this.#options.compile ?? compile,
        lookAgain: tenant => this.queue.add(tenant),
        isAwaited: tenant => this.#edited.has(tenant),
      });
      this.#enqueueAll();
      await Promise.all([
        quotaProbe.run(this.#client, namespace, clock, log, signal).then(() => this.#enqueueAll()),
        ...Array.from({ length: WORKERS }, () => this.#work(reconciler, signal)),
      ]);
    } finally {
      this.#metrics.leads(false);
    }
  }

  async #work(reconciler: Reconciler, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    for (;;) {
      const namespace = await this.queue.take(signal);
      this.#edited.delete(namespace);
      try {
        const again = await reconciler.reconcile(namespace, signal);
        this.queue.forget(namespace);
        this.#metrics.reconciled('success');
        if (again !== undefined) this.queue.addAfter(namespace, again);
      } catch (error) {
        signal.throwIfAborted();
        this.#metrics.reconciled('error');
        log.warn({ namespace, err: error }, 'Failed a pass over a tenant, trying again');
        this.queue.addRateLimited(namespace);
        if (this.tenants.find(namespace)?.operations.wanted) this.queue.addAfter(namespace, ASK_AGAIN_MS);
      } finally {
        this.queue.done(namespace);
      }
    }
  }

  #observe(kind: string, change: Change, namespace: string | undefined): void {
    if (!isRelevant(kind, change)) return;
    // Own writes too: the standing of a claimant is read from its status.
    if (CLAIMING.has(kind)) for (const tenant of this.#claims.observe(kind, change)) this.queue.add(tenant);
    const recorded =
      kind === 'ConfigMap' && namespace === this.#options.namespace ? recordOf(change.object) : undefined;
    if (recorded !== undefined) this.#observeRecord(recorded, change);
    if (this.caches.observingWrite && isOwnWrite(kind, change)) return;
    if (namespace !== undefined && isUserEdit(kind, change)) this.#edited.add(namespace);
    if (namespace === undefined) this.#enqueueAll();
    else this.queue.add(recorded ?? namespace);
  }

  #observeRecord(tenant: string, { type, object }: Change): void {
    const { inForce } = type === 'deleted' ? {} : this.#records.read(object);
    for (const other of this.#claims.hold(tenant, inForce)) this.queue.add(other);
  }

  #enqueueAll(): void {
    const recorded = this.#records.all().keys();
    for (const namespace of new Set([...this.caches.namespaces(), ...recorded])) this.queue.add(namespace, 'low');
  }
}

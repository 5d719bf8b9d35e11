import { Registry } from 'prom-client';
import { builtInClasses } from '../../src/api/built-in-classes.ts';
import { Transport } from '../../src/kube/transport.ts';
import { Operator } from '../../src/operator/operator.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Outcome } from '../../src/runtime/elector.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { type Fate, playQuotas, playStatefulSets } from '../fake-apiserver/controllers.ts';
import type { Obj } from '../fake-apiserver/object.ts';
import { FakeApiServer } from '../fake-apiserver/server.ts';
import { eventually, FakeClock, settle } from '../fake-clock.ts';
import { FakeAgents } from './fake-agents.ts';

/**
 * The real operator, a fake API server with the controllers that it needs, agents that load what it brings, and a clock
 * that is moved by hand: whole lives of tenants in milliseconds.
 */
const PLATFORM = 'ringfleet';
const API = 'ringfleet.io/v1alpha1';
const LEASE = 'ringfleet-operator';

/** After so long without a call or an edit a tenant is as it will stay: it counts as installed, and as quiet. */
const OLD_ENOUGH_MS = 200_000;

export interface Running {
  readonly client: string;
  readonly operator: Operator;
  readonly stop: AbortController;
  /** How its `run` ended; undefined while it runs. */
  outcome: Outcome | 'threw' | undefined;
}

/** Passes that an operator has made. */
async function passes({ registry }: Operator): Promise<number> {
  const metric = await registry.getSingleMetric('ringfleet_reconciles_total')?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

export class Rig {
  readonly clock: FakeClock;
  readonly server: FakeApiServer;
  readonly agents: FakeAgents;
  readonly #running = new Map<string, Running>();
  readonly #transports: Transport[] = [];
  /** What an operator's token has become. */
  readonly tokens = new Map<string, string>();
  /** Namespaces that operators look after from their start on; none: all. */
  watchNamespaces: readonly string[] = [];
  /** What becomes of the pods of a StatefulSet from now on. */
  fate: (set: Obj) => Fate = () => 'serves';
  /** Objects written so far by anybody, leases apart. */
  writes = 0;

  private constructor(start: number) {
    this.clock = new FakeClock({ start: new Date(start).toISOString() });
    this.server = new FakeApiServer({ clock: this.clock, namespaces: [PLATFORM] });
    this.agents = new FakeAgents(this.server, this.clock);
  }

  /** Begins now, or so long ago: TLS has no other clock than the machine's. */
  static async started({ agoMs = 0 } = {}): Promise<Rig> {
    const rig = new Rig(systemClock.now() - agoMs);
    rig.server.onWrite(({ object }) => {
      if (object.kind !== 'Lease') rig.writes++;
    });
    playStatefulSets(rig.server, {
      address: index => `127.1.${index >> 8}.${index & 255}`,
      fate: set => rig.fate(set),
    });
    playQuotas(rig.server);
    for (const one of builtInClasses) rig.server.create(structuredClone(one) as unknown as Obj);
    rig.server.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
    await rig.server.listen();
    await rig.agents.listen();
    return rig;
  }

  async end(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort(new Error('The test is over'));
    await this.clock.advance(5_000);
    for (const transport of this.#transports) await transport.close();
    await this.agents.close();
    await this.server.stop();
  }

  /** A new operator process; its requests are logged, and go wrong, under its name. */
  start(client = 'operator', log = createLogger(client, process.env['RINGFLEET_LOG_LEVEL'] ?? 'silent')): Running {
    const stop = new AbortController();
    const access = {
      ...this.server.access(client),
      authorization: async () => `Bearer ${this.tokens.get(client) ?? client}`,
    };
    const transport = new Transport(access, this.clock);
    const operator = new Operator({
      transport,
      namespace: PLATFORM,
      identity: client,
      image: 'ringfleet:test',
      clock: this.clock,
      log,
      registry: new Registry(),
      agentPort: this.agents.port,
      watchNamespaces: this.watchNamespaces,
    });
    const running: Running = { client, operator, stop, outcome: undefined };
    operator.run(stop.signal).then(
      outcome => {
        running.outcome = outcome;
      },
      () => {
        running.outcome = 'threw';
      },
    );
    this.#transports.push(transport);
    this.#running.set(client, running);
    return running;
  }

  /** SIGKILL. */
  kill(client = 'operator'): void {
    this.server.kill(client);
    this.#bury(client);
  }

  /** SIGTERM; it may end what it is at. */
  terminate(client = 'operator'): void {
    this.#running.get(client)?.stop.abort(new Error('SIGTERM'));
    this.#running.delete(client);
  }

  /** Who has the lease. */
  get leader(): string | undefined {
    const spec = this.server.get('Lease', PLATFORM, LEASE)?.['spec'] as { holderIdentity?: string } | undefined;
    return spec?.holderIdentity;
  }

  /** Until the leader has had nothing to do for a while, with all agents connected. An operator that has ended is replaced. */
  async rest({ quietMs = 3_000, limitMs = 600_000 } = {}): Promise<void> {
    const end = this.clock.monotonic() + limitMs;
    let since = this.clock.monotonic();
    let writes = this.writes;
    while (this.clock.monotonic() - since < quietMs) {
      this.#replaceEnded();
      await this.clock.advance(500);
      await this.#idle();
      await this.#heard();
      if (this.writes === writes && (await this.#calm())) continue;
      writes = this.writes;
      since = this.clock.monotonic();
      if (since > end) throw new Error('The operators do not come to rest');
    }
  }

  /** Until a tenant is as it will stay, with the operators that there are. */
  async settle(): Promise<void> {
    let started: number;
    do {
      started = this.#transports.length;
      await this.rest();
      await this.clock.advance(OLD_ENOUGH_MS);
      await this.rest();
    } while (this.#transports.length > started);
  }

  /** Somebody leads and has begun, and hears all agents. */
  async #calm(): Promise<boolean> {
    const leader = this.#running.get(this.leader ?? '');
    if (!leader || !this.agents.allFollowed || leader.operator.queue.working > 0) return false;
    return (await passes(leader.operator)) > 0;
  }

  /** A handshake takes its time, which is not the clock's: without this a busy machine would make agents look silent. */
  async #heard(): Promise<void> {
    for (let turn = 0; turn < 2_000 && this.#running.has(this.leader ?? ''); turn++) {
      if (this.agents.allFollowed) return;
      await settle(1);
    }
  }

  /** No pass is under way. Keys are made outside of the event loop, so this is not a matter of turns alone. */
  async #idle(): Promise<void> {
    await eventually('a moment without a pass', () => {
      const busy = [...this.#running.values()].some(({ operator: { queue } }) => queue.working > 0);
      return !busy || this.clock.sleepers === 0 || this.#waitsForTheClock() || undefined;
    });
  }

  /** A pass that waits before it repeats a request goes on only when the clock does. */
  #waitsForTheClock(): boolean {
    return ++this.#looks % 200 === 0;
  }
  #looks = 0;

  #replaceEnded(): void {
    for (const [client, { outcome }] of [...this.#running]) {
      if (!this.server.faults.isDead(client) && outcome === undefined) continue;
      this.#bury(client);
      this.start(`${client}+`);
    }
  }

  #bury(client: string): void {
    this.#running.get(client)?.stop.abort(new Error('It is dead'));
    this.#running.delete(client);
  }

  namespace(name: string): void {
    this.server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** Like `kubectl apply`. */
  put(kind: string, namespace: string, name: string, spec: Record<string, unknown>): Obj {
    return this.server.apply({ apiVersion: API, kind, metadata: { name, namespace }, spec }, 'kubectl');
  }

  /** A tenant with these users, by extension; it has what it needs to be Ready. */
  tenant(name: string, users: Readonly<Record<string, string>> = { jane: '1001' }): void {
    this.namespace(name);
    this.put('Organization', name, name, { sipDomain: `${name}.example` });
    for (const [user, extension] of Object.entries(users)) this.user(name, user, extension);
  }

  user(namespace: string, name: string, extension: string, spec: Record<string, unknown> = {}): void {
    this.put('SipUser', namespace, name, { extension, fullName: name, ...spec });
  }

  condition(
    kind: string,
    namespace: string,
    name: string,
    type = 'Ready',
  ): { status: string; reason: string; message: string } | undefined {
    const status = this.server.get(kind, namespace, name)?.['status'] as
      | { conditions?: { type: string; status: string; reason: string; message: string }[] }
      | undefined;
    return status?.conditions?.find(condition => condition.type === type);
  }

  /** The decoded value of a Secret. */
  secret(namespace: string, name: string, key = 'password'): string | undefined {
    const data = this.server.get('Secret', namespace, name)?.['data'] as Record<string, string> | undefined;
    return data?.[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString();
  }
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { Drainer } from '../../src/agent/drain.ts';
import { type BundleManifest, bundleManifestSchema, fileOf, MANIFEST_KEY } from '../../src/api/bundle.ts';
import { operationOf } from '../../src/api/operation.ts';
import { type AgentReport, REPORT_VERSION } from '../../src/api/report.ts';
import { ENGINE } from '../../src/core/asterisk/engine-version.ts';
import { LABEL_COMPONENT, POKE } from '../../src/core/names.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
import type { Obj } from '../fake-apiserver/object.ts';
import type { FakeApiServer } from '../fake-apiserver/server.ts';
import { FakePbx } from '../fake-pbx.ts';

/**
 * The agents of all PBX pods of a fake API server, behind the mutual TLS of the real ones, and the kubelet that brings
 * them what the pod's volume has: soon after a poke, else within a minute. Each pod has an address of its own in 127/8.
 */
const KUBELET_MS = 120;
const SYNC_MS = 60_000;
const HEARTBEAT_MS = 10_000;
const OPERATOR = 'ringfleet-operator';

export class FakeAgents {
  /** Pokes from now on that lose the race with the kubelet's own cache. */
  lostPokes = 0;
  readonly #apiServer: FakeApiServer;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #agents = new Map<string, FakeAgent>();

  constructor(apiServer: FakeApiServer, clock: Clock) {
    this.#apiServer = apiServer;
    this.#clock = clock;
    this.#server = createServer(
      {
        requestCert: true,
        rejectUnauthorized: true,
        SNICallback: (name, done) => this.#certificate(name, done),
      },
      (request, response) => this.#serve(request, response),
    );
    this.#server.keepAliveTimeout = 60_000;
    apiServer.onWrite(({ type, object }) => {
      if (object.kind !== 'Pod' || object.metadata.labels?.[LABEL_COMPONENT] !== 'pbx') return;
      if (type === 'DELETED') this.#end(object);
      else this.#note(object);
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '0.0.0.0');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const agent of this.#agents.values()) agent.end();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** The agent in the pod that a tenant has now. */
  of(namespace: string): FakeAgent {
    const agent = this.#agents.get(namespace);
    if (!agent) throw new Error(`${namespace} has no pod`);
    return agent;
  }

  /** Every agent is heard by somebody. */
  get allFollowed(): boolean {
    return [...this.#agents.values()].every(agent => agent.readers > 0);
  }

  #note(pod: Obj): void {
    const { namespace = '', uid = '', annotations = {} } = pod.metadata;
    const { podIP } = (pod['status'] ?? {}) as { podIP?: string };
    if (!podIP) return;
    const known = this.#agents.get(namespace);
    const agent = known?.uid === uid ? known : new FakeAgent(namespace, uid, podIP, this.#apiServer, this.#clock);
    if (agent !== known) this.#agents.set(namespace, agent);
    if (agent.poke === annotations[POKE] && agent === known) return;
    agent.poke = annotations[POKE];
    if (agent === known && this.lostPokes > 0) this.lostPokes--;
    else agent.lookSoon();
  }

  #end({ metadata: { namespace = '', uid } }: Obj): void {
    const agent = this.#agents.get(namespace);
    if (agent?.uid !== uid) return;
    agent?.end();
    this.#agents.delete(namespace);
  }

  #certificate(
    name: string,
    done: (error: Error | null, context?: ReturnType<typeof createSecureContext>) => void,
  ): void {
    const namespace = name.split('.')[0] ?? '';
    const data = this.#apiServer.get('Secret', namespace, `${namespace}-pbx-tls`)?.['data'] as
      | Record<string, string>
      | undefined;
    if (!data) {
      done(new Error(`No certificate for ${name}`));
      return;
    }
    const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
    done(null, createSecureContext({ cert: text('tls.crt'), key: text('tls.key'), ca: text('ca.crt') }));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const socket = request.socket as TLSSocket;
    const agent = [...this.#agents.values()].find(({ address }) => address === socket.localAddress);
    if (!agent || socket.getPeerCertificate().subject?.CN !== OPERATOR) {
      response.writeHead(403).end();
      return;
    }
    agent.peer = socket.getPeerCertificate().fingerprint256;
    agent.serve(request, response);
  }
}

type Live = Pick<AgentReport, 'contacts' | 'trunks' | 'calls' | 'channels' | 'ready' | 'observed' | 'engine'>;

const REFUSE_MS = 120_000;

export class FakeAgent {
  readonly namespace: string;
  readonly uid: string;
  readonly address: string;
  poke: string | undefined;
  /** Fingerprint of the certificate that the operator showed last. */
  peer = '';
  /** What it sends in place of reports, as an agent of another release may. */
  #says: string | undefined;
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  readonly #apiServer: FakeApiServer;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  readonly #streams = new Set<ServerResponse>();
  #live: Live = { contacts: {}, trunks: {}, calls: 0, channels: 0, ready: true, observed: true };
  readonly pbx = new FakePbx();
  readonly #drainer: Drainer;
  #loaded: BundleManifest | undefined;
  /** What the files that are read only at the start were then. */
  #booted: ReadonlyMap<string, string> | undefined;

  constructor(namespace: string, uid: string, address: string, apiServer: FakeApiServer, clock: Clock) {
    this.namespace = namespace;
    this.uid = uid;
    this.address = address;
    this.#apiServer = apiServer;
    this.#clock = clock;
    this.#drainer = new Drainer({ agent: this.pbx, refuseMs: REFUSE_MS, clock, log: createLogger('agent', 'silent') });
    this.pbx.onDraining = () => this.#tell();
    void this.#syncNowAndThen();
  }

  get loaded(): string | undefined {
    return this.#loaded?.generation;
  }

  get readers(): number {
    return this.#streams.size;
  }

  /** Something happens in the PBX. */
  set(live: Partial<Live>): void {
    this.#live = { ...this.#live, ...live };
    this.pbx.channels = this.#live.channels;
    this.#tell();
  }

  /** Undefined: reports again. */
  say(line: string | undefined): void {
    this.#says = line;
    this.#tell();
  }

  end(): void {
    this.#ended.abort();
    this.disconnect();
  }

  /** Connections break; the PBX goes on. */
  disconnect(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  lookSoon(): void {
    const look = (): void => this.#look();
    this.#clock.sleep(KUBELET_MS, this.#ended.signal).then(look, () => undefined); // it ended
  }

  serve({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    if (method === 'POST') {
      this.asked.push(url.replace('/v1/', ''));
      void this.#do(url).catch(() => undefined); // taken back, or over with the pod
      response.writeHead(202).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    response.write(this.#line());
    void this.#beat(response);
  }

  #do(url: string): Promise<void> {
    const { signal } = this.#ended;
    const operation = operationOf(url);
    if (operation?.verb === 'undrain') return this.#drainer.undrain(signal);
    return this.#drainer.drain((operation?.deadlineSeconds ?? 0) * 1000, signal);
  }

  async #beat(response: ServerResponse): Promise<void> {
    while (this.#streams.has(response) && !this.#ended.signal.aborted) {
      response.write('\n');
      await this.#clock.sleep(HEARTBEAT_MS, this.#ended.signal).catch(() => undefined); // it ended: the stream too
    }
  }

  async #syncNowAndThen(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#clock.sleep(SYNC_MS, this.#ended.signal).catch(() => undefined); // it ended: the loop too
      if (!this.#ended.signal.aborted) this.#look();
    }
  }

  /** Takes what the volume has, when it is complete. */
  #look(): void {
    const manifest = completeBundle(this.#apiServer, this.namespace);
    if (!manifest || manifest.generation === this.loaded) return;
    this.#loaded = manifest;
    this.#booted ??= restartDigests(manifest);
    this.#tell();
  }

  #tell(): void {
    for (const stream of this.#streams) stream.write(this.#line());
  }

  #line(): string {
    return `${this.#says ?? JSON.stringify(this.#report())}\n`;
  }

  #report(): AgentReport {
    const now = this.#loaded ? restartDigests(this.#loaded) : new Map<string, string>();
    const restartPending = [...now].filter(([key, digest]) => this.#booted?.get(key) !== digest);
    return {
      version: REPORT_VERSION,
      agentVersion: 'test',
      asteriskVersion: '22',
      draining: this.pbx.draining,
      bundle: {
        ...(this.loaded ? { seen: this.loaded, loaded: this.loaded } : {}),
        restartPending: restartPending.map(([key]) => fileOf(key)),
      },
      restartSafe: { status: 'True', message: '' },
      quarantined: [],
      mailboxes: {},
      engine: { version: ENGINE },
      ...this.#live,
    };
  }
}

function restartDigests({ restartFiles, fragments }: BundleManifest): Map<string, string> {
  const files = new Set(restartFiles);
  return new Map(fragments.filter(({ key }) => files.has(fileOf(key))).map(({ key, digest }) => [key, digest]));
}

/** The manifest, when every fragment that it names is there as it says. */
export function completeBundle(server: FakeApiServer, namespace: string): BundleManifest | undefined {
  const data = (kind: string, name: string): Record<string, string> =>
    (server.get(kind, namespace, name)?.['data'] as Record<string, string> | undefined) ?? {};
  const withManifest = data('ConfigMap', `${namespace}-pbx`);
  const text = withManifest[MANIFEST_KEY];
  if (text === undefined) return undefined;
  const manifest = bundleManifestSchema.parse(JSON.parse(text));
  const complete = manifest.fragments.every(({ key, digest, secret }) => {
    const shard = Number(key.slice(-3));
    const value = secret
      ? data('Secret', `${namespace}-pbx-auth-${shard}`)[key]
      : (withManifest[key] ?? data('ConfigMap', `${namespace}-pbx-${shard}`)[key]);
    return value !== undefined && digest === sha256(Buffer.from(value, secret ? 'base64' : 'utf8'));
  });
  return complete ? manifest : undefined;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { BundleInbox } from '../../src/agent/configuration/bundle-inbox.ts';
import { type CompleteBundle, IncompleteBundleError } from '../../src/agent/configuration/bundle-reader.ts';
import { isDelivery, takeDelivery } from '../../src/agent/operations/bundle-delivery.ts';
import { Drainer } from '../../src/agent/operations/drainer.ts';
import { type BundleManifest, bundleManifestSchema, fileOf, MANIFEST_KEY } from '../../src/api/bundle.ts';
import { operationOf } from '../../src/api/operation.ts';
import { type AgentReport, REPORT_VERSION } from '../../src/api/report.ts';
import { ENGINE } from '../../src/core/asterisk/engine-version.ts';
import { LABEL_COMPONENT, NUDGE } from '../../src/core/names.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
import type { Obj } from '../fake-apiserver/object.ts';
import type { FakeApiServer } from '../fake-apiserver/server.ts';
import { FakePbx } from '../fake-pbx.ts';

/**
 * The agents of all PBX pods of a fake API server, behind the mutual TLS of the real ones, and the kubelet that brings
 * them what the pod's volume has: soon after a nudge, else within a minute. Each pod has an address of its own in 127/8.
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
    if (agent.nudge === annotations[NUDGE] && agent === known) return;
    agent.nudge = annotations[NUDGE];
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

type Live = Pick<
  AgentReport,
  'contacts' | 'trunks' | 'calls' | 'channels' | 'ready' | 'observed' | 'engine' | 'version'
>;

const REFUSE_MS = 120_000;

export class FakeAgent {
  readonly namespace: string;
  readonly uid: string;
  readonly address: string;
  nudge: string | undefined;
  /** Fingerprint of the certificate that the operator showed last. */
  peer = '';
  /** What it sends in place of reports, as an agent of another release may. */
  #says: string | undefined;
  /** Steps of deliveries that began, in order. */
  readonly delivered: string[] = [];
  /** Whether a step of a delivery is cut, before anything of it is taken or before the answer. */
  cut: (step: string, when: 'before' | 'after') => boolean = () => false;
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  readonly #apiServer: FakeApiServer;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  readonly #streams = new Set<ServerResponse>();
  #live: Live = { contacts: {}, trunks: {}, calls: 0, channels: 0, ready: true, observed: true };
  readonly pbx = new FakePbx();
  readonly #drainer: Drainer;
  readonly inbox: BundleInbox;
  /** What the kubelet brought last. */
  #volume: BundleManifest | undefined;
  /** What was noted in the pod. */
  #note = '';
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
    this.inbox = new BundleInbox({
      volume: { read: async () => complete(this.#volume), known: () => undefined },
      note: {
        read: async () => this.#note,
        write: async text => {
          this.#note = text;
        },
      },
      onArrival: () => void this.#load(),
      log: createLogger('agent', 'silent'),
    });
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

  serve(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '' } = request;
    if (isDelivery(request)) {
      this.#deliver(request, response).catch(() => request.destroy());
      return;
    }
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

  async #deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const step = `${request.url}`.split('/').at(-1) ?? '';
    this.delivered.push(step);
    if (this.cut(step, 'before')) request.destroy();
    else if (!this.cut(step, 'after')) return takeDelivery(this.inbox, request, response);
    // it is taken, and nobody hears of it
    else await takeDelivery(this.inbox, request, new LostResponse(request) as unknown as ServerResponse);
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

  /** The kubelet brings what there is, when it is complete. */
  #look(): void {
    this.#volume = completeBundle(this.#apiServer, this.namespace) ?? this.#volume;
    void this.#load();
  }

  /** Takes the newest bundle. */
  async #load(): Promise<void> {
    const bundle = await this.inbox.read().catch((error: unknown) => {
      if (!(error instanceof IncompleteBundleError)) throw error;
    });
    if (!bundle || this.#ended.signal.aborted || bundle.manifest.generation === this.loaded) return;
    this.#loaded = bundle.manifest;
    this.#booted ??= restartDigests(bundle.manifest);
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
        ...(this.inbox.highest === undefined ? {} : { sequence: this.inbox.highest }),
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

function complete(manifest: BundleManifest | undefined): CompleteBundle {
  if (!manifest) throw new IncompleteBundleError('There is no manifest yet');
  return { manifest, sections: [], settings: { open: {}, secret: {} } };
}

/** In whose place the connection is cut. */
class LostResponse {
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    this.#request = request;
  }

  writeHead(): this {
    return this;
  }

  end(): void {
    this.#request.destroy();
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

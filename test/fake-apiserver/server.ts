import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerAccess } from '../../src/kube/credentials.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { Faults, isWrite, type Match, matches } from './faults.ts';
import { Front, type Logged } from './front.ts';
import { kindNamed } from './kinds.ts';
import { Lists } from './lists.ts';
import type { Obj } from './object.ts';
import { Registry, type Target } from './registry.ts';
import { type Backup, Storage, type StoredEvent } from './storage.ts';
import { Watches } from './watches.ts';

/**
 * An API server in this process, for faults and for speed. It validates as the real one does (the behaviour suite runs
 * against both) and goes wrong on demand: `faults` for requests, `watches` for streams, `freeze` and `restore` for time.
 */
export interface FakeOptions {
  readonly clock?: Clock;
  /** Events that a watch can go back by. */
  readonly history?: number;
  /** Namespaces that exist from the start, besides `default`. */
  readonly namespaces?: readonly string[];
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Undefined: a free one. */
  readonly port?: number;
}

export interface Written {
  readonly type: StoredEvent['type'];
  readonly object: Obj;
  readonly previous?: Obj | undefined;
}

export class FakeApiServer {
  readonly faults = new Faults();
  readonly watches: Watches;
  readonly registry: Registry;
  readonly #storage: Storage;
  readonly #lists = new Lists();
  readonly #server: Server;
  readonly #front: Front;
  #port: number;
  #connections = 0;
  readonly #scheme: string;

  constructor({ clock = systemClock, history = 10_000, namespaces = [], tls, port = 0 }: FakeOptions = {}) {
    this.#port = port;
    this.#storage = new Storage(history);
    this.registry = new Registry(this.#storage, clock);
    this.watches = new Watches(this.#storage, clock);
    for (const name of ['default', ...namespaces])
      this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    this.#front = new Front({
      storage: this.#storage,
      registry: this.registry,
      watches: this.watches,
      lists: this.#lists,
      faults: this.faults,
    });
    this.#scheme = tls ? 'https' : 'http';
    this.#server = tls ? createSecureServer(tls, this.#front.serve) : createServer(this.#front.serve);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('connection', () => this.#connections++);
  }

  static async started(options: FakeOptions = {}): Promise<FakeApiServer> {
    const server = new FakeApiServer(options);
    await server.listen();
    return server;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Connections are cut; objects stay. `listen` opens the same port again. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  /** Requests made with this are logged, and go wrong, as those of `client`. */
  access(client = 'operator'): ServerAccess {
    return { server: this.url, authorization: async () => `Bearer ${client}` };
  }

  /** Opened so far. */
  get connections(): number {
    return this.#connections;
  }

  get log(): Logged[] {
    return this.#front.log;
  }

  /** Bearer tokens that are let in from now; undefined: everybody. */
  accept(...tokens: string[]): void {
    this.#front.tokens = tokens.length > 0 ? new Set(tokens) : undefined;
  }

  /** All that this client asks from now on is cut, as of a process that was killed, until it is revived. */
  kill(client: string): void {
    this.faults.kill(client);
    this.#front.disconnect(client);
  }

  /** Requests so far that match. */
  requests(match: Match = {}): Logged[] {
    return this.log.filter(logged => matches(match, logged));
  }

  writes(match: Match = {}): Logged[] {
    return this.requests(match).filter(({ verb }) => isWrite(verb));
  }

  create(object: Obj, manager = 'test'): Obj {
    return this.registry.create(this.#target(object), object, { manager }).object;
  }

  /** Like `kubectl apply --server-side --force-conflicts`. */
  apply(object: Obj, manager = 'test'): Obj {
    return this.registry.apply(this.#target(object), object, { manager, force: true }).object;
  }

  /** A merge patch, of the status when `subresource` says so. */
  patch(
    kind: string,
    place: { namespace?: string; name: string; subresource?: 'status' },
    patch: Record<string, unknown>,
  ): Obj {
    const { namespace = '', name, subresource = '' } = place;
    const target = { kind: kindNamed(kind), namespace, name, subresource };
    return this.registry.mergePatch(target, patch, { manager: 'test' }).object;
  }

  delete(kind: string, namespace: string, name: string): void {
    this.registry.delete({ kind: kindNamed(kind), namespace, name, subresource: '' }, {});
  }

  get(kind: string, namespace: string, name: string): Obj | undefined {
    return this.#storage.get(kindNamed(kind), namespace, name)?.object;
  }

  list(kind: string, namespace?: string): Obj[] {
    return this.#storage.list(kindNamed(kind), namespace).map(({ object }) => object);
  }

  /** Told of every change, in order: for tests that play a controller. It may write. */
  onWrite(listener: (written: Written) => void): () => void {
    return this.#storage.follow(({ type, stored, previous }) =>
      listener({ type, object: stored.object, previous: previous?.object }),
    );
  }

  /** Reads show this moment, and watches say nothing, until `thaw`: a lagging replica. The real one has true `gets`. */
  freeze({ gets = true } = {}): void {
    this.#front.staleGets = gets;
    const stale = new Storage(0);
    stale.restore(this.#storage.backup());
    this.#front.reads = stale;
    this.watches.hold();
  }

  thaw(): void {
    this.#front.reads = this.#storage;
    this.watches.release();
  }

  backup(): Backup {
    return this.#storage.backup();
  }

  /** As after a restored etcd: connections break, and versions begin again where the backup was made. */
  restore(backup: Backup): void {
    this.#storage.restore(backup);
    this.#lists.expire();
    this.#front.disconnect();
  }

  /** What happened until now is forgotten: watches from before are 410, and lists must begin again. */
  compact(): void {
    this.#storage.compact();
    this.#lists.expire();
  }

  #target({ kind: name, metadata }: Obj): Target {
    return { kind: kindNamed(name), namespace: metadata.namespace ?? '', name: metadata.name, subresource: '' };
  }
}

import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { KubeError } from './errors.ts';
import type { ReflectorMetrics } from './metrics.ts';
import { type KubeObject, pathOf, type ResourceType } from './resource.ts';
import { Store } from './store.ts';
import type { Transport } from './transport.ts';
import { olderThan, stripped, type WatchEvent, watchEvent } from './watch-event.ts';

/**
 * Keeps a store equal to what the API server has of one kind: a paged list, then a watch from its version with bookmarks. A
 * watch that ends in order is opened again at once. After an error it is opened again from the last version, after a pause
 * with jitter. When that is not possible (410, a line that cannot be parsed, a server whose versions went back), it lists
 * again. A silent watch is closed after a while. From time to time it lists without a reason, to find events that were lost
 * (etcd was restored, and its versions caught up again); an unchanged list notifies nobody.
 */
export interface ReflectorOptions {
  readonly type: ResourceType;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  readonly labelSelector?: string;
  /** The only namespace to watch; default: all. */
  readonly onlyIn?: string | undefined;
  /** What it fills; several of one kind, each with its namespace, may share one. Default: its own. */
  readonly store?: Store;
  /** Watches PartialObjectMetadata, which is enough to know that objects changed. */
  readonly metadataOnly?: boolean;
  /** Name for logs and metrics, where there are two reflectors of a kind; default: the kind. */
  readonly name?: string;
  readonly metrics?: ReflectorMetrics | undefined;
  readonly random?: () => number;
}

/** Base of the interval, which is between one and two of these. */
const RELIST_MS = 3_600_000;
const PAGE = '500';
const WATCH_SECONDS = 300;
/** The server sends a bookmark about every minute. */
const SILENCE_MS = 100_000;
const GUARD_MS = 10_000;
const BASE_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** A watch that ends sooner than this without any event counts as failed, even if it ended in order. */
const SHORT_MS = 1_000;

/** An empty store whose listeners that throw are logged. */
export function storeOf(kind: string, log: Logger): Store {
  return new Store(error => log.error({ kind, err: error }, 'Failed to tell of a change'));
}

export class Reflector {
  readonly store: Store;
  readonly #options: ReflectorOptions;
  #version: string | undefined;
  #synced = false;
  #lastProgress: number;
  #lastTurn: number;
  #listAnewAt = 0;
  #failures = 0;
  #running = false;

  constructor(options: ReflectorOptions) {
    const { clock, log, type } = options;
    this.#options = options;
    this.#lastProgress = clock.monotonic();
    this.#lastTurn = this.#lastProgress;
    this.store = options.store ?? storeOf(type.kind, log);
  }

  /** Name for logs and metrics. */
  get kind(): string {
    return this.#options.name ?? this.#options.type.kind;
  }

  /** Its namespace; undefined: all. */
  get onlyIn(): string | undefined {
    return this.#options.onlyIn;
  }

  get synced(): boolean {
    return this.#synced;
  }

  /** Milliseconds since the last answer or event of the server. */
  get silentMs(): number {
    return this.#options.clock.monotonic() - this.#lastProgress;
  }

  /** Takes in the answer to a write, unless the watch has reported a newer version, or the deletion, already. */
  observeWrite(object: KubeObject): void {
    if (olderThan(object.metadata.resourceVersion ?? '', this.#version)) return;
    this.store.put(stripped(object, this.#options.type));
  }

  /** Milliseconds since the loop last started a request or received anything. Small while it fails and retries. */
  get stuckMs(): number {
    if (!this.#running) return 0;
    return this.#options.clock.monotonic() - Math.max(this.#lastProgress, this.#lastTurn);
  }

  /** Runs until the signal is aborted, then rejects with its reason and opens no further watch. */
  async run(signal: AbortSignal): Promise<void> {
    this.#lastTurn = this.#options.clock.monotonic();
    this.#running = true;
    try {
      await this.#loop(signal);
    } finally {
      this.#running = false;
    }
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      this.#lastTurn = clock.monotonic();
      try {
        if (this.#version === undefined || clock.monotonic() >= this.#listAnewAt) await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        signal.throwIfAborted();
        await this.#backOff(error, signal);
      }
    }
  }

  async #backOff(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log, metrics, onlyIn, random = Math.random } = this.#options;
    const { code, reason } = error instanceof KubeError ? error : { code: undefined, reason: 'Unexpected' };
    const anew = LIST_ANEW.has(reason) || code === 410;
    if (anew) this.#version = undefined;
    this.#lastTurn = clock.monotonic();
    this.#failures++;
    metrics?.restarted(this.kind, anew ? 'relist' : 'error');
    const place = onlyIn === undefined ? {} : { namespace: onlyIn };
    const fields = { kind: this.kind, ...place, code, reason, failures: this.#failures };
    if (error instanceof KubeError) log.warn(fields, 'Lost a watch, going on');
    else log.error({ ...fields, err: error }, 'Lost a watch, going on');
    const limit = Math.min(BASE_BACKOFF_MS * 2 ** Math.min(this.#failures - 1, 10), MAX_BACKOFF_MS);
    const least = error instanceof KubeError ? (error.retryAfter ?? 0) * 1000 : 0;
    await clock.sleep(Math.max(least, limit * (0.5 + random() / 2)), signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { type, onlyIn, transport, clock, labelSelector, metrics, random = Math.random } = this.#options;
    const objects: KubeObject[] = [];
    // A real server answers null instead of an empty list for PartialObjectMetadata.
    let page: { metadata: { resourceVersion: string; continue?: string }; items: KubeObject[] | null };
    let next = '';
    do {
      const query = { limit: PAGE, ...(labelSelector ? { labelSelector } : {}), ...(next ? { continue: next } : {}) };
      page = await transport.request('GET', pathOf(type, { namespace: onlyIn }), {
        query,
        signal,
        accept: this.#accept('List'),
      });
      for (const item of page.items ?? []) objects.push(stripped(item, type));
      next = page.metadata.continue ?? '';
      this.#progressed();
    } while (next);
    this.store.replace(objects, onlyIn);
    this.#version = page.metadata.resourceVersion;
    this.#synced = true;
    this.#listAnewAt = clock.monotonic() + RELIST_MS * (1 + random());
    metrics?.listed(this.kind);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { type, onlyIn, transport, clock, labelSelector, metrics, random = Math.random } = this.#options;
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(Math.round(WATCH_SECONDS * (1 + random()))),
      ...(labelSelector ? { labelSelector } : {}),
    };
    const silence = new AbortController();
    const done = new AbortController();
    const began = clock.monotonic();
    const guard = this.#guard(began, silence, AbortSignal.any([signal, done.signal]));
    const either = AbortSignal.any([signal, silence.signal]);
    let lines = 0;
    try {
      for await (const line of transport.lines(pathOf(type, { namespace: onlyIn }), query, either, {
        onOpen: () => this.#markReceived(),
        accept: this.#accept(),
      })) {
        this.#handle(watchEvent(line));
        this.#progressed();
        lines++;
      }
    } catch (error) {
      // A server that has seen no event of a kind since it started sends no bookmarks for it: open another watch at once.
      if (!silence.signal.aborted || signal.aborted) throw error;
      lines = 1;
    } finally {
      done.abort();
      await guard;
    }
    if (lines === 0 && clock.monotonic() - began < SHORT_MS)
      throw new KubeError(0, 'Short', 'The watch ended as soon as it was open');
    metrics?.restarted(this.kind, 'end');
  }

  /** Closes the watch when nothing was received for too long since it was opened. */
  async #guard(began: number, silence: AbortController, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const left = SILENCE_MS - (clock.monotonic() - Math.max(began, this.#lastProgress));
      if (left <= 0) break;
      await clock.sleep(Math.min(left, GUARD_MS), signal).catch(() => undefined); // aborted: checked next
      if (signal.aborted) return;
    }
    silence.abort(new KubeError(0, 'Silent', 'The watch was silent for too long'));
  }

  #handle({ type, object }: WatchEvent): void {
    const { resourceVersion } = object.metadata;
    if (resourceVersion !== undefined && olderThan(resourceVersion, this.#version))
      throw new KubeError(0, 'Rewound', 'The versions of the API server went back');
    if (type === 'DELETED') this.store.delete(object);
    else if (type !== 'BOOKMARK') this.store.put(stripped(object, this.#options.type));
    this.#version = resourceVersion ?? this.#version;
  }

  #accept(list: 'List' | '' = ''): string {
    const partial = `application/json;as=PartialObjectMetadata${list};g=meta.k8s.io;v=v1`;
    return this.#options.metadataOnly ? partial : 'application/json';
  }

  #markReceived(): void {
    this.#lastProgress = this.#options.clock.monotonic();
  }

  #progressed(): void {
    this.#markReceived();
    this.#failures = 0;
  }
}

/** Reasons after which the last version cannot be continued. */
const LIST_ANEW: ReadonlySet<string> = new Set(['Expired', 'Gone', 'Rewound', 'Unreadable', 'Unexpected']);

/** The time of three bookmarks: a healthy watch is never silent for so long, nor is one that fails and retries. */
const STALLED_MS = 3 * 60_000;

/** Names of the reflectors that neither receive anything nor retry, for the liveness probe. */
export function stalled(reflectors: Iterable<Reflector>): string[] {
  return [...reflectors].filter(({ stuckMs }) => stuckMs > STALLED_MS).map(({ kind }) => kind);
}

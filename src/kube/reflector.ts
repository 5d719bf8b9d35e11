import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { KubeError } from './errors.ts';
import { type KubeObject, pathOf, type ResourceType } from './resource.ts';
import { Store } from './store.ts';
import type { Transport } from './transport.ts';

/**
 * Keeps a store equal to what the API server has of one kind: pages of a list, then a watch from there with bookmarks.
 * Any error backs off and goes on from the last version; 410 lists anew; a silent watch is given up after a while.
 */
export interface ReflectorOptions {
  readonly type: ResourceType;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  readonly labelSelector?: string;
  /** Objects without their content (PartialObjectMetadata): enough to know that they changed. */
  readonly metadataOnly?: boolean;
  /** For logs and metrics; default: the kind. */
  readonly name?: string;
}

const PAGE = '500';
const WATCH_SECONDS = 300;
/** The server sends a bookmark about every minute. */
const SILENCE_MS = 100_000;
const MAX_BACKOFF_MS = 30_000;

export class Reflector {
  readonly store = new Store();
  readonly #options: ReflectorOptions;
  #version: string | undefined;
  #synced = false;
  #lastProgress: number;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#lastProgress = options.clock.monotonic();
  }

  get name(): string {
    return this.#options.name ?? this.#options.type.kind;
  }

  get synced(): boolean {
    return this.#synced;
  }

  /** Milliseconds since the server last said anything. */
  get silentMs(): number {
    return this.#options.clock.monotonic() - this.#lastProgress;
  }

  /** Takes in what a write answered, before the watch tells of it. */
  learn(object: KubeObject): void {
    this.store.put(this.#stripped(object));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, type } = this.#options;
    for (let failures = 0; ; ) {
      signal.throwIfAborted();
      try {
        if (this.#version === undefined) await this.#list(signal);
        await this.#watch(signal);
        failures = 0;
      } catch (error) {
        signal.throwIfAborted();
        const expired = error instanceof KubeError && error.gone;
        if (expired) this.#version = undefined;
        failures++;
        log.warn(
          { kind: type.kind, code: error instanceof KubeError ? error.code : undefined, failures },
          'Lost a watch, going on from where it was',
        );
        await clock.sleep(Math.min(250 * 2 ** Math.min(failures, 7), MAX_BACKOFF_MS), signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { type, transport, labelSelector } = this.#options;
    const objects: KubeObject[] = [];
    let page: { metadata: { resourceVersion: string; continue?: string }; items: KubeObject[] };
    let next = '';
    do {
      const query = { limit: PAGE, ...(labelSelector ? { labelSelector } : {}), ...(next ? { continue: next } : {}) };
      page = await transport.request('GET', pathOf(type), { query, signal });
      for (const item of page.items) objects.push(this.#stripped(item));
      next = page.metadata.continue ?? '';
      this.#lastProgress = this.#options.clock.monotonic();
    } while (next);
    this.store.replace(objects);
    this.#version = page.metadata.resourceVersion;
    this.#synced = true;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { type, transport, clock, labelSelector } = this.#options;
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(WATCH_SECONDS),
      ...(labelSelector ? { labelSelector } : {}),
    };
    const silence = new AbortController();
    const done = new AbortController();
    const guard = this.#guard(silence, AbortSignal.any([signal, done.signal]));
    try {
      for await (const line of transport.lines(pathOf(type), query, AbortSignal.any([signal, silence.signal]))) {
        this.#lastProgress = clock.monotonic();
        this.#handle(
          JSON.parse(line) as {
            type: string;
            object: KubeObject & { code?: number; message?: string; reason?: string };
          },
        );
      }
    } finally {
      done.abort();
      await guard;
    }
  }

  async #guard(silence: AbortController, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#lastProgress = clock.monotonic();
    while (!signal.aborted) {
      await clock.sleep(SILENCE_MS / 10, signal).catch(() => undefined); // aborted: the loop ends
      if (this.silentMs > SILENCE_MS) silence.abort(new KubeError(0, 'Silent', 'The watch was silent for too long'));
    }
  }

  #handle({
    type,
    object,
  }: {
    type: string;
    object: KubeObject & { code?: number; message?: string; reason?: string };
  }): void {
    if (type === 'ERROR')
      throw new KubeError(
        object.code ?? 0,
        object.reason ?? 'Unknown',
        object.message ?? 'The watch ended with an error',
      );
    this.#version = object.metadata.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.store.delete(object);
    else this.store.put(this.#stripped(object));
  }

  /** Items of a list come without their kind; managedFields are half of an object and nobody's business here. */
  #stripped(object: KubeObject): KubeObject {
    const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown };
    const { type } = this.#options;
    return {
      ...object,
      apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
      kind: type.kind,
      metadata,
    };
  }
}

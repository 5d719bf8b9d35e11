import type { Clock } from '../runtime/clock.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import { eventName, eventNamespace, eventOf, type Note } from './events.ts';
import { microTime } from './micro-time.ts';
import { RESOURCES } from './resource.ts';

/**
 * Records events within bounds, so that an object that flaps does not fill etcd. Each object has a token bucket; a repeated
 * event becomes a series of the first one, which is updated now and then. The memory is bounded too: the least recently
 * used entry is dropped, which costs at most one more event.
 */
export interface RecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Name of this process, for `reportingInstance` of events. */
  readonly instance: string;
}

const BURST = 25;
const REFILL_MS = 5 * 60_000;
/** The server keeps an event for an hour. A series is updated well before. */
const SERIES_EVERY_MS = 6 * 60_000;
const MAX_OBJECTS = 4096;

interface Series {
  count: number;
  updatedAt: number;
}

interface Bucket {
  tokens: number;
  at: number;
  readonly said: Map<string, Series>;
}

export class EventRecorder {
  readonly #options: RecorderOptions;
  readonly #buckets = new Map<string, Bucket>();
  #suppressed = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Number of events that were dropped because the bucket of their object was empty. */
  get suppressed(): number {
    return this.#suppressed;
  }

  async record(note: Note, signal?: AbortSignal): Promise<void> {
    const { client, clock, instance } = this.#options;
    const bucket = this.#bucketOf(note);
    const name = eventName(note);
    const series = bucket.said.get(name);
    if (series) series.count++;
    if (series && clock.monotonic() - series.updatedAt < SERIES_EVERY_MS) return;
    if (!this.#spend(bucket)) return;
    if (series && (await this.#updateSeries(note, series, signal))) return;
    try {
      await client.create(RESOURCES.Event, eventOf(note, instance, clock), signal);
    } catch (error) {
      if (!(error instanceof KubeError) || !error.conflict) throw error;
    }
    remember(bucket.said, name, { count: series?.count ?? 1, updatedAt: clock.monotonic() }, BURST * 2);
  }

  /** Updates the series; false: its event does not exist any more. */
  async #updateSeries(note: Note, series: Series, signal?: AbortSignal): Promise<boolean> {
    const { client, clock } = this.#options;
    try {
      const place = { namespace: eventNamespace(note), name: eventName(note) };
      const lastObservedTime = microTime(clock);
      await client.mergePatch(RESOURCES.Event, place, { series: { count: series.count, lastObservedTime } }, signal);
      series.updatedAt = clock.monotonic();
      return true;
    } catch (error) {
      if (error instanceof KubeError && error.notFound) return false;
      throw error;
    }
  }

  #bucketOf({ regarding: { kind, metadata } }: Note): Bucket {
    const key = metadata.uid ?? `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
    const known = this.#buckets.get(key);
    const bucket = known ?? { tokens: BURST, at: this.#options.clock.monotonic(), said: new Map() };
    this.#buckets.delete(key);
    remember(this.#buckets, key, bucket, MAX_OBJECTS);
    return bucket;
  }

  #spend(bucket: Bucket): boolean {
    const now = this.#options.clock.monotonic();
    const refilled = Math.floor((now - bucket.at) / REFILL_MS);
    bucket.tokens = Math.min(BURST, bucket.tokens + refilled);
    bucket.at = bucket.tokens === BURST ? now : bucket.at + refilled * REFILL_MS;
    if (bucket.tokens === 0) {
      this.#suppressed++;
      return false;
    }
    bucket.tokens--;
    return true;
  }
}

/** Moves an entry to the end of a map, which is ordered by last use. */
function remember<K, V>(map: Map<K, V>, key: K, value: V, limit: number): void {
  map.set(key, value);
  const oldest = map.keys().next().value;
  if (map.size > limit && oldest !== undefined) map.delete(oldest);
}

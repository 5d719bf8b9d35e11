import type { Clock } from './clock.ts';
import { Notifier } from './notifier.ts';

/**
 * A work queue like that of client-go. A key is in it once, however often it is added, and is never processed by two workers.
 * A key that is added while it is processed comes again; after a failure it comes again with a growing delay up to a cap.
 * Keys that somebody waits for (`high`) go before others (`low`: a cold start, a resync), which still get their turn.
 */
export type Priority = 'high' | 'low';

export interface QueueOptions {
  /** A random number from 0 to 1, which spreads the retries of keys that failed at the same time. */
  readonly random?: () => number;
}

const BASE_MS = 50;
const CAP_MS = 300_000;
/** After so many `high` keys comes one that is `low`. */
const FAIRNESS = 8;

interface Waiting {
  readonly due: number;
  readonly priority: Priority;
}

export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #notifier = new Notifier();
  /** Keys that are ready, in order. No key is in both, and none of them is being processed. */
  readonly #ready: Readonly<Record<Priority, Set<string>>> = { high: new Set(), low: new Set() };
  readonly #waiting = new Map<string, Waiting>();
  /** Keys that were added again while they are processed. */
  readonly #again = new Map<string, Priority>();
  readonly #working = new Set<string>();
  readonly #failures = new Map<string, number>();
  #highs = 0;
  #closed: AbortController | undefined;

  constructor(clock: Clock, { random = Math.random }: QueueOptions = {}) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Number of keys that are ready or delayed, without those that are being processed. */
  get depth(): number {
    return this.#ready.high.size + this.#ready.low.size + this.#waiting.size + this.#again.size;
  }

  get working(): number {
    return this.#working.size;
  }

  /** Adds a key. One that is ready already can become `high`, but never `low`. */
  add(key: string, priority: Priority = 'high'): void {
    this.#waiting.delete(key);
    if (this.#working.has(key)) {
      if (priority === 'high' || !this.#again.has(key)) this.#again.set(key, priority);
      return;
    }
    if (this.#ready.high.has(key) || (priority === 'low' && this.#ready.low.has(key))) return;
    this.#ready.low.delete(key);
    this.#ready[priority].add(key);
    this.#notifier.notify();
  }

  /** Adds a key after `ms`. The earliest of several times counts; a key that is ready stays ready. */
  addAfter(key: string, ms: number, priority: Priority = 'high'): void {
    if (this.#again.has(key) || this.#ready.high.has(key) || this.#ready.low.has(key)) return;
    const known = this.#waiting.get(key);
    const due = Math.min(this.#clock.monotonic() + ms, known?.due ?? Number.POSITIVE_INFINITY);
    this.#waiting.set(key, { due, priority: known?.priority === 'high' ? 'high' : priority });
    this.#notifier.notify();
  }

  addRateLimited(key: string, priority: Priority = 'high'): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const limit = Math.min(BASE_MS * 2 ** Math.min(failures, 20), CAP_MS);
    this.addAfter(key, limit * (0.5 + this.#random() / 2), priority);
  }

  /** Number of failures of a key since `forget`. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, for which the caller must call `done`. Rejects when the signal is aborted, or the queue drains. */
  async take(signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#closed) throw new Error('The queue is closed');
      const next = this.#promoteDue();
      const key = this.#shift();
      if (key !== undefined) {
        this.#working.add(key);
        if (this.#ready.high.size + this.#ready.low.size > 0) this.#notifier.notify();
        return key;
      }
      await this.#notifier.wait(Math.min(next, 60_000), this.#clock, signal);
    }
  }

  done(key: string): void {
    this.#working.delete(key);
    if (this.#closed && this.#working.size === 0) this.#closed.abort();
    const again = this.#again.get(key);
    if (again === undefined) return;
    this.#again.delete(key);
    this.add(key, again);
  }

  /** Hands out no more keys, and resolves when those that were handed out are done. */
  async drain(): Promise<void> {
    this.#closed ??= new AbortController();
    this.#notifier.notify();
    const { signal } = this.#closed;
    if (this.#working.size === 0 || signal.aborted) return;
    await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  #shift(): string | undefined {
    const { high, low } = this.#ready;
    const turnOfLow = low.size > 0 && (high.size === 0 || this.#highs >= FAIRNESS);
    const from = turnOfLow ? low : high;
    const key = from.values().next().value;
    if (key === undefined) return undefined;
    this.#highs = turnOfLow ? 0 : this.#highs + 1;
    from.delete(key);
    return key;
  }

  /** Makes delayed keys ready whose time has come; returns milliseconds until the next one. */
  #promoteDue(): number {
    const now = this.#clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const [key, { due, priority }] of this.#waiting) {
      if (due <= now) this.add(key, priority);
      else next = Math.min(next, due - now);
    }
    return next;
  }
}

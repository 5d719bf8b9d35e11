import { Bell } from './bell.ts';
import type { Clock } from './clock.ts';

/**
 * Keys to work on. A key is in the queue once however often it is added; it is never worked on twice at a time; added
 * while worked on, it comes again; failed, it comes again later, ever later up to a cap. What somebody waits for (`high`)
 * goes before what can wait (`low`: a cold start, a resync), which still gets its turn.
 */
export type Priority = 'high' | 'low';

export interface QueueOptions {
  /** Spreads the retries of keys that failed together; from 0 to 1. */
  readonly random?: () => number;
}

const BASE_MS = 50;
const CAP_MS = 300_000;
/** One key that can wait after so many that cannot. */
const FAIRNESS = 8;

interface Waiting {
  readonly due: number;
  readonly priority: Priority;
}

export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #bell = new Bell();
  /** Ready keys, in order; none is in both, none of them is worked on. */
  readonly #ready: Readonly<Record<Priority, Set<string>>> = { high: new Set(), low: new Set() };
  readonly #waiting = new Map<string, Waiting>();
  /** Added again while they are worked on. */
  readonly #again = new Map<string, Priority>();
  readonly #working = new Set<string>();
  readonly #failures = new Map<string, number>();
  #highs = 0;
  #closed: AbortController | undefined;

  constructor(clock: Clock, { random = Math.random }: QueueOptions = {}) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Keys that are ready or come later; those that are worked on come on top. */
  get depth(): number {
    return this.#ready.high.size + this.#ready.low.size + this.#waiting.size + this.#again.size;
  }

  get working(): number {
    return this.#working.size;
  }

  /** A key that is ready already may rise to `high`; it never sinks. */
  add(key: string, priority: Priority = 'high'): void {
    this.#waiting.delete(key);
    if (this.#working.has(key)) {
      if (priority === 'high' || !this.#again.has(key)) this.#again.set(key, priority);
      return;
    }
    if (this.#ready.high.has(key) || (priority === 'low' && this.#ready.low.has(key))) return;
    this.#ready.low.delete(key);
    this.#ready[priority].add(key);
    this.#bell.ring();
  }

  /** The earliest of several wins; a key that is due now stays due now. */
  addAfter(key: string, ms: number, priority: Priority = 'high'): void {
    if (this.#again.has(key) || this.#ready.high.has(key) || this.#ready.low.has(key)) return;
    const known = this.#waiting.get(key);
    const due = Math.min(this.#clock.monotonic() + ms, known?.due ?? Number.POSITIVE_INFINITY);
    this.#waiting.set(key, { due, priority: known?.priority === 'high' ? 'high' : priority });
    this.#bell.ring();
  }

  addRateLimited(key: string, priority: Priority = 'high'): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const limit = Math.min(BASE_MS * 2 ** Math.min(failures, 20), CAP_MS);
    this.addAfter(key, limit * (0.5 + this.#random() / 2), priority);
  }

  /** How often the key has failed since it was last forgotten. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key; the caller says `done` with it. Rejects when the signal is aborted, or the queue drains. */
  async take(signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#closed) throw new Error('The queue is closed');
      const next = this.#promoteDue();
      const key = this.#shift();
      if (key !== undefined) {
        this.#working.add(key);
        if (this.#ready.high.size + this.#ready.low.size > 0) this.#bell.ring();
        return key;
      }
      await this.#bell.wait(Math.min(next, 60_000), this.#clock, signal);
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

  /** Hands out nothing more, and resolves when what was handed out is done. */
  async drain(): Promise<void> {
    this.#closed ??= new AbortController();
    this.#bell.ring();
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

  /** Moves what is due; returns milliseconds until the next. */
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

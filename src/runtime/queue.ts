import { Bell } from './bell.ts';
import type { Clock } from './clock.ts';

/**
 * Keys to work on. A key is in the queue once however often it is added; it is never worked on twice at a time; added
 * while worked on, it comes again; failed, it comes again later, ever later up to a cap.
 */
const BASE_MS = 50;
const CAP_MS = 300_000;

export class WorkQueue {
  readonly #clock: Clock;
  readonly #bell = new Bell();
  readonly #ready: string[] = [];
  readonly #waiting = new Map<string, number>();
  readonly #dirty = new Set<string>();
  readonly #working = new Set<string>();
  readonly #failures = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get depth(): number {
    return this.#ready.length + this.#waiting.size;
  }

  add(key: string): void {
    this.#waiting.delete(key);
    if (this.#dirty.has(key)) return;
    this.#dirty.add(key);
    if (!this.#working.has(key)) this.#ready.push(key);
    this.#bell.ring();
  }

  /** The earliest of several wins; a key that is due now stays due now. */
  addAfter(key: string, ms: number): void {
    if (this.#dirty.has(key)) return;
    const due = this.#clock.monotonic() + ms;
    this.#waiting.set(key, Math.min(due, this.#waiting.get(key) ?? Number.POSITIVE_INFINITY));
    this.#bell.ring();
  }

  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(BASE_MS * 2 ** Math.min(failures, 20), CAP_MS));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key; the caller says `done` with it. Rejects when the signal is aborted. */
  async take(signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      const next = this.#promoteDue();
      const key = this.#ready.shift();
      if (key !== undefined) {
        this.#dirty.delete(key);
        this.#working.add(key);
        if (this.#ready.length > 0) this.#bell.ring();
        return key;
      }
      await this.#bell.wait(Math.min(next, 60_000), this.#clock, signal);
    }
  }

  done(key: string): void {
    this.#working.delete(key);
    if (!this.#dirty.has(key)) return;
    this.#ready.push(key);
    this.#bell.ring();
  }

  /** Moves what is due; returns milliseconds until the next. */
  #promoteDue(): number {
    const now = this.#clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const [key, due] of this.#waiting) {
      if (due <= now) this.add(key);
      else next = Math.min(next, due - now);
    }
    return next;
  }
}

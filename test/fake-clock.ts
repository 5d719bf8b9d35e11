import type { Clock } from '../src/runtime/clock.ts';

/**
 * A clock that stands still until a test moves it. Sleepers wake in the order of their times, and what they set off has
 * its turn (promises, sockets of this machine) before the next one wakes.
 */
interface Sleeper {
  readonly at: number;
  readonly order: number;
  wake(): void;
}

/** A request and its answer over loopback take about ten. */
const IO_TURNS = 30;

export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 0;
  #order = 0;
  readonly #sleepers = new Set<Sleeper>();

  readonly #turns: number;

  /** `turns` of the event loop for what a sleeper sets off: few where all is promises, more where sockets answer. */
  constructor({ start = '2026-01-01T00:00:00Z', turns = IO_TURNS } = {}) {
    this.#wall = Date.parse(start);
    this.#turns = turns;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { at: this.#monotonic + Math.max(0, ms), order: this.#order++, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** How many wait. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Moves both times on, waking whoever is due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle(this.#turns);
    for (let next = this.#next(); next && next.at <= end; next = this.#next()) {
      this.#moveTo(next.at);
      this.#sleepers.delete(next);
      next.wake();
      await settle(this.#turns);
    }
    this.#moveTo(end);
    await settle(this.#turns);
  }

  /** Moves on to where the next one wakes, however far that is; nothing happens when nobody waits. */
  async advanceToNext(): Promise<void> {
    await settle(this.#turns);
    const next = this.#next();
    if (next) await this.advance(next.at - this.#monotonic);
  }

  /** Somebody sets the wall clock: deadlines do not notice. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Moves on in steps until the probe says something; throws after `limitMs` of this clock. */
  async until<T>(
    what: string,
    probe: () => T | undefined | false,
    { stepMs = 100, limitMs = 600_000 } = {},
  ): Promise<T> {
    const end = this.#monotonic + limitMs;
    for (;;) {
      await settle(this.#turns);
      const result = probe();
      if (result !== undefined && result !== false) return result;
      if (this.#monotonic >= end) throw new Error(`In ${limitMs} ms of the fake clock never: ${what}`);
      await this.advance(stepMs);
    }
  }

  #next(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const one of this.#sleepers)
      if (!first || one.at < first.at || (one.at === first.at && one.order < first.order)) first = one;
    return first;
  }

  #moveTo(at: number): void {
    this.#wall += at - this.#monotonic;
    this.#monotonic = at;
  }
}

/** A few turns of the event loop: promises settle, and loopback sockets deliver what is under way. */
export async function settle(turns = IO_TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>(resolve => setImmediate(resolve));
}

/** Turns the event loop until the probe says something, without moving any clock. */
export async function eventually<T>(what: string, probe: () => T | undefined | false, turns = 20_000): Promise<T> {
  for (let turn = 0; turn < turns; turn++) {
    const result = probe();
    if (result !== undefined && result !== false) return result;
    await settle(1);
  }
  throw new Error(`Never: ${what}`);
}

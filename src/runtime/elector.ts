import { type Clock, deadline } from './clock.ts';
import type { Logger } from './log.ts';

/**
 * Leader election over a Lease, by the rules of client-go. The lease of another process has expired when this process has
 * seen its record unchanged for long enough; the times in it are never compared with our clock, because skewed clocks must
 * not make two leaders. A leader counts the time since before it sent its last successful renewal, and stops well before
 * another process may take over.
 *
 * The identity must be unique to a process: a record with our identity counts as our own.
 */
export interface LeaseRecord {
  readonly holder: string;
  /** resourceVersion, which changes with every renewal. */
  readonly version: string;
}

/** Access to the Lease. Writes are guarded by the version that was read and return false when they lost a race. */
export interface LeaseClient {
  read(signal?: AbortSignal): Promise<LeaseRecord | undefined>;
  take(holder: string, over: LeaseRecord | undefined, signal?: AbortSignal): Promise<boolean>;
  release(holder: string, signal?: AbortSignal): Promise<void>;
}

/** How leading ended. `lost`: another process may lead by now, so this one should exit. */
export type Outcome = 'ended' | 'lost';

const DURATION_MS = 15_000;
const RENEW_DEADLINE_MS = 10_000;
const RETRY_MS = 2_000;
const MIN_RETRY_MS = 100;
const RELEASE_MS = 2_000;

export class Elector {
  readonly #lease: LeaseClient;
  readonly #identity: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #seen: { version: string; at: number } | undefined;

  constructor(lease: LeaseClient, identity: string, clock: Clock, log: Logger) {
    this.#lease = lease;
    this.#identity = identity;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Waits until it leads, then runs `lead`, whose signal is aborted when the lease is lost. After `signal` is aborted the
   * lease is kept until `lead` has returned, and then released. Throws the error of `lead`, unless the lease was lost.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<Outcome> {
    let renewed = await this.#acquire(signal);
    this.#log.info('Became leader');
    const lost = new AbortController();
    const ended = new AbortController();
    const kept = this.#keep(renewed, ended.signal).then(last => {
      renewed = last;
      if (!ended.signal.aborted) lost.abort(new Error('The lease was lost'));
    });
    try {
      await lead(AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (!lost.signal.aborted) throw error;
    } finally {
      ended.abort();
      await kept;
      if (!lost.signal.aborted) await this.#release();
    }
    return lost.signal.aborted ? 'lost' : 'ended';
  }

  /** Waits until it has the lease; returns the monotonic time from which it counts. */
  async #acquire(signal: AbortSignal): Promise<number> {
    for (;;) {
      const began = this.#clock.monotonic();
      if (await this.#try(RENEW_DEADLINE_MS, signal)) return began;
      await this.#clock.sleep(RETRY_MS, signal);
    }
  }

  /** Renews until `ended` is aborted or the lease is lost; returns the time of the last renewal. */
  async #keep(from: number, ended: AbortSignal): Promise<number> {
    let renewed = from;
    while (!ended.aborted) {
      const spare = RENEW_DEADLINE_MS - (this.#clock.monotonic() - renewed);
      const pause = Math.max(MIN_RETRY_MS, Math.min(RETRY_MS, spare / 2));
      await this.#clock.sleep(pause, ended).catch(() => undefined); // ended: the loop ends
      if (ended.aborted) break;
      const began = this.#clock.monotonic();
      const left = RENEW_DEADLINE_MS - (began - renewed);
      if (left > 0 && (await this.#try(left, ended))) renewed = began;
      else if (!ended.aborted && this.#clock.monotonic() - renewed >= RENEW_DEADLINE_MS) {
        this.#log.error('Lost the lease');
        break;
      }
    }
    return renewed;
  }

  async #release(): Promise<void> {
    const late = deadline(this.#clock, RELEASE_MS);
    try {
      await this.#lease.release(this.#identity, late.signal);
      this.#log.info('Released the lease');
    } catch (error) {
      this.#log.warn({ err: error }, 'Failed to release the lease');
    } finally {
      late.clear();
    }
  }

  /** Takes or renews the lease; returns whether we hold it. False after `ms`, even if the server does not answer. */
  async #try(ms: number, signal: AbortSignal): Promise<boolean> {
    const late = deadline(this.#clock, ms, signal);
    try {
      const record = await within(late.signal, this.#lease.read(late.signal));
      if (record && record.holder !== this.#identity && record.holder !== '' && !this.#expired(record)) return false;
      return await within(late.signal, this.#lease.take(this.#identity, record, late.signal));
    } catch (error) {
      if (!signal.aborted) this.#log.warn({ err: error }, 'Failed to renew or take the lease');
      return false;
    } finally {
      late.clear();
    }
  }

  #expired({ version }: LeaseRecord): boolean {
    const now = this.#clock.monotonic();
    if (this.#seen?.version !== version) this.#seen = { version, at: now };
    return now - this.#seen.at > DURATION_MS;
  }
}

/** The result of the work, or a rejection as soon as the signal is aborted, which clients may notice later. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

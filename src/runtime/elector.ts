import { type Clock, deadline } from './clock.ts';
import type { Logger } from './log.ts';

/**
 * Leader election over a Lease. Whether another's lease has expired is judged by how long *we* saw its record unchanged,
 * never by comparing its times with our clock (client-go's rule): skewed clocks must not make two leaders. A leader that
 * could not renew counts from before its last good renewal was sent, and stops well before anybody may take over.
 *
 * The identity must be one process's own: a record that holds it is taken for ours.
 */
export interface LeaseRecord {
  readonly holder: string;
  /** Changes with every renewal. */
  readonly version: string;
}

/** Guarded by the version that was read: a write that lost a race returns false. Ends when the signal is aborted. */
export interface LeaseClient {
  read(signal?: AbortSignal): Promise<LeaseRecord | undefined>;
  take(holder: string, over: LeaseRecord | undefined, signal?: AbortSignal): Promise<boolean>;
  release(holder: string, signal?: AbortSignal): Promise<void>;
}

/** How leading ended: `lost` means that another process may lead by now, and this one had better exit. */
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
   * lease is kept until `lead` has ended what it was at, and then released. Throws what `lead` throws, unless it was lost.
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

  /** Returns the moment from which the lease counts as ours. */
  async #acquire(signal: AbortSignal): Promise<number> {
    for (;;) {
      const began = this.#clock.monotonic();
      if (await this.#try(RENEW_DEADLINE_MS, signal)) return began;
      await this.#clock.sleep(RETRY_MS, signal);
    }
  }

  /** Renews until it has ended or the lease is lost; returns when it was last renewed. */
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

  /** Whether we hold the lease now. False after `ms` whatever the server does meanwhile. */
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

/** The work, or the end of the signal, whichever is first: not every client heeds a signal at once. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

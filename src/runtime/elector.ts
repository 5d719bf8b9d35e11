import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/**
 * Leader election over a Lease. Whether another's lease has expired is judged by how long *we* saw its record unchanged,
 * never by comparing its times with our clock (client-go's rule): skewed clocks must not make two leaders.
 */
export interface LeaseRecord {
  readonly holder: string;
  /** Changes with every renewal. */
  readonly version: string;
}

/** Guarded by the version that was read: a write that lost a race returns false. */
export interface LeaseClient {
  read(): Promise<LeaseRecord | undefined>;
  take(holder: string, over: LeaseRecord | undefined): Promise<boolean>;
  release(holder: string): Promise<void>;
}

const DURATION_MS = 15_000;
const RENEW_DEADLINE_MS = 10_000;
const RETRY_MS = 2_000;

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

  /** Leads when it can; `lead` is given a signal that is aborted when the lease is lost. Returns when either ends. */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!(await this.#try())) await this.#clock.sleep(RETRY_MS, signal);
    this.#log.info('Became leader');
    const lost = new AbortController();
    const leading = lead(AbortSignal.any([signal, lost.signal]));
    try {
      await Promise.race([leading, this.#keep(signal)]);
    } finally {
      lost.abort(new Error('The lease was lost'));
      await leading.catch(() => undefined); // it ends because of us
      if (signal.aborted)
        await this.#lease
          .release(this.#identity)
          .catch(error => this.#log.warn({ err: error }, 'Failed to release the lease'));
    }
  }

  /** Returns when the lease is lost. */
  async #keep(signal: AbortSignal): Promise<void> {
    let renewed = this.#clock.monotonic();
    for (;;) {
      await this.#clock.sleep(RETRY_MS, signal);
      if (await this.#try()) renewed = this.#clock.monotonic();
      else if (this.#clock.monotonic() - renewed > RENEW_DEADLINE_MS) break;
    }
    this.#log.error('Lost the lease');
  }

  async #try(): Promise<boolean> {
    try {
      const record = await this.#lease.read();
      if (record && record.holder !== this.#identity && record.holder !== '' && !this.#expired(record)) return false;
      return await this.#lease.take(this.#identity, record);
    } catch (error) {
      this.#log.warn({ err: error }, 'Failed to renew or take the lease');
      return false;
    }
  }

  #expired({ version }: LeaseRecord): boolean {
    const now = this.#clock.monotonic();
    if (this.#seen?.version !== version) this.#seen = { version, at: now };
    return now - this.#seen.at > DURATION_MS;
  }
}

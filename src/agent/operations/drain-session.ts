import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { hangUpAll } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import { channels } from '../ami/queries.ts';
import { closeGate } from './gate.ts';

/**
 * How a PBX becomes empty, one look at a time: calls are accepted until there is none, or until the deadline; then new
 * ones get 503 (emergency numbers pass) for at most `refuseMs`; then the rest is ended. Never `core stop gracefully`: it
 * kills the manager at once. A PBX that does not answer is not empty; the deadlines count for it too.
 */
export interface DrainOptions {
  readonly refuseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const TO_HANG_UP_MS = 5_000;

export class DrainSession {
  readonly #options: DrainOptions;
  readonly #begun: number;
  /** Counts from when the session began. */
  deadlineMs: number;
  /** Asterisk ends afterwards: a gate that was closed stays so. */
  forEnd = false;
  /** Since when new calls are refused; from then the time runs to end the rest. */
  #refusing: number | undefined;
  #ended = false;

  constructor(options: DrainOptions, deadlineMs: number) {
    this.#options = options;
    this.#begun = options.clock.monotonic();
    this.deadlineMs = deadlineMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#begun + this.deadlineMs - this.#options.clock.monotonic());
  }

  /** True: there is no call, or nothing is left to do about those that there are. */
  async look(client: AmiClient | undefined, signal: AbortSignal): Promise<boolean> {
    const { clock, log, refuseMs } = this.#options;
    const count = client ? await this.#count(client) : undefined;
    signal.throwIfAborted();
    if (count === 0) {
      this.#refusing = undefined; // an emergency call that comes later has its own time
      this.#ended = false;
      return true;
    }
    if (this.leftMs > 0) return false;
    if (this.#refusing === undefined) {
      this.#refusing = clock.monotonic();
      log.warn('Refused new calls: the deadline of the roll has come');
    }
    await this.#close(client);
    const over = clock.monotonic() - this.#refusing;
    if (over < refuseMs) return false;
    if (over >= refuseMs + TO_HANG_UP_MS) return true;
    if (!this.#ended) log.warn('Ended the calls that were left');
    this.#ended = true;
    if (client) await hangUpAll(client).catch(this.#silent);
    return false;
  }

  /** Nobody can call between the last look and the end: true when there was still no call once the gate was closed. */
  async closeAndLook(client: AmiClient | undefined, signal: AbortSignal): Promise<boolean> {
    await this.#close(client);
    return this.look(client, signal);
  }

  async #count(client: AmiClient): Promise<number | undefined> {
    return channels(client).then(({ length }) => length, this.#silent);
  }

  async #close(client: AmiClient | undefined): Promise<void> {
    if (client) await closeGate(client, { forEnd: this.forEnd }).catch(this.#silent);
  }

  readonly #silent = (error: unknown): undefined => {
    this.#options.log.warn({ err: error }, 'Got no answer from a PBX that is to be emptied');
  };
}

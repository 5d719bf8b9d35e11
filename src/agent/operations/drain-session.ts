import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { hangUpAll } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import { channels } from '../ami/queries.ts';
import { closeGate } from './gate.ts';

/**
 * Empties a PBX, one look at a time. Calls are accepted until there is none, or until the deadline; then new ones get 503
 * (except emergency calls) for at most `refuseMs`; then the remaining ones are ended. `core stop gracefully` is not used,
 * because it ends the manager at once. A PBX that does not answer counts as not empty, and the deadlines apply to it too.
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
  /** Deadline in milliseconds since the session began. */
  deadlineMs: number;
  /** Whether Asterisk ends afterwards, so that a closed gate stays closed. */
  forEnd = false;
  /** Since when new calls are refused. */
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

  /** Looks once. True: there is no call, or calls that cannot be ended. */
  async look(client: AmiClient | undefined, signal: AbortSignal): Promise<boolean> {
    const { clock, log, refuseMs } = this.#options;
    const count = client ? await this.#count(client) : undefined;
    signal.throwIfAborted();
    if (count === 0) {
      this.#refusing = undefined; // an emergency call that comes later gets the whole time again
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

  /** Closes the gate and looks again, since a call may have come meanwhile. True: there is none. */
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

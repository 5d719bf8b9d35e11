import type { AgentReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { Notifier } from '../../runtime/notifier.ts';
import type { AmiClient, AmiMessage } from '../ami/client.ts';
import { lookPause } from './look-pause.ts';
import { NOTHING, type Observation, type Observer } from './observer.ts';
import type { Subject } from './probe.ts';
import { reRegister } from './re-registration.ts';

export interface LiveStateOptions {
  readonly observer: Pick<Observer, 'note' | 'observe'>;
  /** The current connection; undefined: there is none. */
  readonly client: () => AmiClient | undefined;
  readonly subject: () => Subject;
  /** Called when the report may have changed. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Asterisk is asked at least this often, in case an event was missed. */
const LOOK_AGAIN_MS = 15_000;

/** The state of the live PBX. Asterisk is asked after each event that may have changed it, and from time to time. */
export class LiveState {
  readonly #options: LiveStateOptions;
  readonly #notifier = new Notifier();
  #observation: Observation = NOTHING;
  /** Whether `#observation` is of the Asterisk that runs now. */
  #observed = false;
  #lastLookMs = 0;

  constructor(options: LiveStateOptions) {
    this.#options = options;
  }

  report(): Observation & Pick<AgentReport, 'observed'> {
    return { observed: this.#observed, ...this.#observation };
  }

  /** To be called with each event of Asterisk: the state may have changed. */
  note(event: AmiMessage): void {
    this.#options.observer.note(event);
    this.#notifier.notify();
  }

  /** To be called after a connect. The Asterisk may be another one than before. */
  connected(): void {
    this.#observed = false;
    this.#lastLookMs = 0;
    this.#notifier.notify();
  }

  /** To be called when the connection is lost. The last state is still reported, as one that may be out of date. */
  lost(): void {
    this.#observed = false;
    this.#options.changed();
  }

  /** To be called when there is no Asterisk: then there are no calls and no registrations. */
  gone(): void {
    this.#observation = NOTHING;
    this.#observed = true;
    this.#options.changed();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, client, changed } = this.#options;
    for (;;) {
      await this.#notifier.wait(LOOK_AGAIN_MS, clock, signal);
      await clock.sleep(lookPause(this.#lastLookMs), signal);
      await this.look(client());
      changed();
    }
  }

  /** Asks once. If Asterisk does not answer, the last state is still reported, as one that may be out of date. */
  async look(client: AmiClient | undefined): Promise<void> {
    if (!client) return;
    const { observer, subject, clock, log } = this.#options;
    const began = clock.monotonic();
    const { trunks } = this.#observation;
    try {
      this.#observation = await observer.observe(client, subject());
      this.#observed = client === this.#options.client();
      this.#lastLookMs = clock.monotonic() - began;
      await reRegister(client, trunks, this.#observation.trunks, log);
    } catch (error) {
      this.#observed = false;
      log.warn({ err: error }, 'Failed to ask Asterisk for its state');
    }
  }
}

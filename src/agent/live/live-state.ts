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
  /** The connection that there is now. */
  readonly client: () => AmiClient | undefined;
  readonly subject: () => Subject;
  /** What is reported may be another. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Asterisk is asked this often in case an event was missed. */
const LOOK_AGAIN_MS = 15_000;

/** What is true of the live PBX, asked anew after events that may have changed it, and now and then. */
export class LiveState {
  readonly #options: LiveStateOptions;
  readonly #notifier = new Notifier();
  #observation: Observation = NOTHING;
  /** Whether that is known of the Asterisk that there is now. */
  #observed = false;
  #lastLookMs = 0;

  constructor(options: LiveStateOptions) {
    this.#options = options;
  }

  report(): Observation & Pick<AgentReport, 'observed'> {
    return { observed: this.#observed, ...this.#observation };
  }

  /** An event of Asterisk: something may have changed. */
  note(event: AmiMessage): void {
    this.#options.observer.note(event);
    this.#notifier.notify();
  }

  /** There is an Asterisk to ask, which may be another one. */
  connected(): void {
    this.#observed = false;
    this.#lastLookMs = 0;
    this.#notifier.notify();
  }

  /** It does not answer any more; what was true last is shown on, and is not known. */
  lost(): void {
    this.#observed = false;
    this.#options.changed();
  }

  /** There is none, and so nothing in it. */
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

  /** What cannot be asked stays as it was last, and is known no longer. */
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

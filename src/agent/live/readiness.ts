import type { Clock } from '../../runtime/clock.ts';
import { Notifier } from '../../runtime/notifier.ts';

/**
 * Whether Asterisk answers SIP. A question a second cost the agent 0.16 % and Asterisk 0.1 % of a core, a quarter of what a
 * pod at rest used (measured), so an Asterisk that serves is asked every three seconds, and at once when the connection to
 * its manager was made or lost.
 */
export interface ReadinessOptions {
  /** The status code of an answer to OPTIONS; undefined: there is no answer, or nobody to ask yet. */
  readonly ask: (signal: AbortSignal) => Promise<number | undefined>;
  /** Whenever it has changed. */
  readonly changed: (isReady: boolean) => void;
  readonly clock: Clock;
}

const EVERY_MS = 3_000;
const UNTIL_READY_MS = 100;

export class ReadinessWatch {
  readonly #options: ReadinessOptions;
  readonly #notifier = new Notifier();

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** Something has happened to Asterisk. */
  askAtOnce(): void {
    this.#notifier.notify();
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { ask, changed, clock } = this.#options;
    for (let last = false; ; ) {
      const code = await ask(signal);
      const isReady = code !== undefined && code !== 503;
      if (isReady !== last) changed(isReady);
      last = isReady;
      if (isReady) await this.#notifier.wait(EVERY_MS, clock, signal);
      else await clock.sleep(UNTIL_READY_MS, signal);
    }
  }
}

import type { Clock } from '../../runtime/clock.ts';
import { Notifier } from '../../runtime/notifier.ts';

/**
 * Whether Asterisk answers SIP requests. One OPTIONS a second cost the agent 0.16 % and Asterisk 0.1 % of a core, a quarter of
 * what an idle pod used (measured). So a ready Asterisk is asked every three seconds, and at once when the connection to its
 * manager was made or lost.
 */
export interface ReadinessOptions {
  /** The status code of the answer to OPTIONS; undefined: there was none, or the port is not known yet. */
  readonly ask: (signal: AbortSignal) => Promise<number | undefined>;
  /** Called when the readiness has changed. */
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

  /** To be called when Asterisk may have started or ended. */
  askAtOnce(): void {
    this.#notifier.notify();
  }

  /** Runs until the signal. */
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

import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { Notifier } from '../../runtime/notifier.ts';
import type { Configuration } from './configuration.ts';
import { quiet } from './quiet.ts';

export interface CheckLoopOptions {
  readonly configuration: Pick<Configuration, 'settled' | 'check' | 'retryRejected'>;
  /** How long the last check took, in milliseconds. */
  readonly lastCheckMs: () => number;
  /** Called when the wanted bundle must be applied again. */
  readonly again: () => void;
  /** Called when the report may have changed. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const CHECK_AGAIN_MS = 10_000;
const CHECK_AGAIN_MOST_MS = 600_000;
/** Interval in which rejected bundles and objects are tried again while there is nothing to check. */
const RETRY_MS = 60_000;

/** Runs the restart check after a burst of changes. One that failed is repeated with growing pauses. */
export class CheckLoop {
  readonly #options: CheckLoopOptions;
  readonly #notifier = new Notifier();

  constructor(options: CheckLoopOptions) {
    this.#options = options;
  }

  /** To be called when another configuration is in force. */
  notify(): void {
    this.#notifier.notify();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { configuration, lastCheckMs, again, changed, clock, log } = this.#options;
    let pause = CHECK_AGAIN_MS;
    for (;;) {
      const notified = await this.#notifier.wait(configuration.settled ? RETRY_MS : pause, clock, signal);
      const isCheck = notified || !configuration.settled;
      if (isCheck) {
        pause = notified ? CHECK_AGAIN_MS : Math.min(pause * 2, CHECK_AGAIN_MOST_MS);
        await quiet(this.#notifier, lastCheckMs(), clock, signal);
      }
      const asked = isCheck ? configuration.check() : configuration.retryRejected();
      const isOther = await asked.catch((error: unknown) => {
        log.error({ err: error }, 'Failed to run the restart check');
        return false;
      });
      if (isOther) again();
      changed();
    }
  }
}

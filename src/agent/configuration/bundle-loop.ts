import { watch } from 'node:fs';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { Notifier } from '../../runtime/notifier.ts';
import type { AmiClient } from '../ami/client.ts';
import { Backoff } from './backoff.ts';
import type { BundleInbox } from './bundle-inbox.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import type { Configuration } from './configuration.ts';
import type { Result } from './state.ts';

export interface BundleLoopOptions {
  readonly bundleDir: string;
  readonly bundles: Pick<BundleInbox, 'read'>;
  readonly configuration: Configuration;
  readonly client: () => AmiClient | undefined;
  /** Called before the result is reported. */
  readonly applied: (result: Result, client: AmiClient) => Promise<void>;
  /** Called when the report may have changed. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const BUNDLE_POLL_MS = 2_000;
/** Attempts to load a bundle while Asterisk does not answer, before a rollback. The pauses between attempts grow. */
const MAX_FAILURES = 3;
const FAILED_AGAIN = { firstMs: 2_000, mostMs: 64_000 };

/** Loads each new bundle into the running Asterisk. */
export class BundleLoop {
  readonly #options: BundleLoopOptions;
  readonly #notifier = new Notifier();
  /** The generation that could not be loaded. */
  readonly #failing = new Backoff(FAILED_AGAIN);

  constructor(options: BundleLoopOptions) {
    this.#options = options;
  }

  /** Makes it look for a bundle at once. */
  notify(): void {
    this.#notifier.notify();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { bundleDir, clock, log } = this.#options;
    const watcher = watch(bundleDir, () => this.notify());
    watcher.on('error', error => log.warn({ err: error }, 'Lost the watch of the bundle directory, polling'));
    try {
      for (let pause = BUNDLE_POLL_MS; ; ) {
        await this.#notifier.wait(pause, clock, signal);
        pause = await this.#look();
      }
    } finally {
      watcher.close();
    }
  }

  /** Looks once. Returns the milliseconds until the next look. */
  async #look(): Promise<number> {
    const { bundles, configuration, clock, applied, changed } = this.#options;
    const bundle = await bundles.read().catch((error: unknown) => configuration.note(error));
    const client = this.#options.client();
    if (!bundle || !client) return BUNDLE_POLL_MS;
    const left = this.#failing.leftMs(bundle.manifest.generation, clock.monotonic());
    if (left > 0) return Math.min(left, BUNDLE_POLL_MS); // a newer bundle is not held up by this pause
    const before = JSON.stringify(configuration.report());
    const result = await this.#apply(bundle, client);
    if (result) await applied(result, client);
    if (before !== JSON.stringify(configuration.report())) changed();
    return BUNDLE_POLL_MS;
  }

  /** Never rejects: an Asterisk that does not answer must not end the agent. */
  async #apply(bundle: CompleteBundle, client: AmiClient): Promise<Result | undefined> {
    const { configuration, clock, log } = this.#options;
    const { generation } = bundle.manifest;
    try {
      const result = await configuration.apply(bundle, client);
      this.#failing.forget();
      return result;
    } catch (error) {
      const failures = this.#failing.times(generation) + 1;
      const reason = `Asterisk did not take it: ${error instanceof Error ? error.message : String(error)}`;
      log.error({ err: error, generation, failures }, 'Failed to apply a bundle');
      if (failures < MAX_FAILURES) configuration.failed(generation, reason);
      else await this.#rollback(bundle, reason);
      this.#failing.later(generation, clock.monotonic());
      return undefined;
    }
  }

  async #rollback(bundle: CompleteBundle, reason: string): Promise<void> {
    const { configuration, client, log } = this.#options;
    await configuration.rollbackFrom(bundle, reason, client()).catch((error: unknown) => {
      log.error({ err: error }, 'Failed to bring back what worked, trying again');
    });
  }
}

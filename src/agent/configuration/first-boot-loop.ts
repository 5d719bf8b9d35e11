import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BundleInbox } from './bundle-inbox.ts';
import type { Configuration } from './configuration.ts';

export interface FirstBootLoopOptions {
  readonly bundles: Pick<BundleInbox, 'read'>;
  readonly configuration: Pick<Configuration, 'note' | 'boot' | 'bootGood'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** In a pod that starts, the bundle may take so long to arrive. */
const INCOMPLETE_MS = 5_000;
const REFUSED_AGAIN_MS = 3_000;
const LOOK_MS = 100;

/**
 * Before Asterisk's first boot: waits until a bundle with which it boots is in place. When no complete bundle arrives in
 * time, the last known good is used.
 */
export async function awaitFirstBoot(
  { bundles, configuration, clock, log }: FirstBootLoopOptions,
  signal: AbortSignal,
): Promise<void> {
  const begun = clock.monotonic();
  for (let first = true; ; first = false) {
    const bundle = await bundles.read().catch((error: unknown) => configuration.note(error));
    if (bundle && (await configuration.boot(bundle))) return;
    if (first) log.info('Waited for a complete bundle');
    const tooLong = !bundle && clock.monotonic() - begun >= INCOMPLETE_MS;
    if (tooLong && (await configuration.bootGood())) {
      log.warn('Started without a complete bundle, with the last known good');
      return;
    }
    await clock.sleep(bundle || tooLong ? REFUSED_AGAIN_MS : LOOK_MS, signal); // the longer pause after a check, which boots an Asterisk
  }
}

import type { Clock } from '../../runtime/clock.ts';
import type { Notifier } from '../../runtime/notifier.ts';

const QUIET_MS = 1_500;
const MOST_QUIET_MS = 15_000;
const WITHIN_MS = 60_000;

/**
 * Returns when it is time for the restart check: it boots a whole Asterisk, with 5,000 users two seconds of the processor
 * that the next edit needs too (measured). So no notification must have come for twice as long as the last one took, 15 seconds
 * at most; after a minute of edits it is made all the same. Rejects when the signal is aborted.
 */
export async function quiet(notifier: Notifier, lastCheckMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const enough = Math.min(Math.max(QUIET_MS, 2 * lastCheckMs), MOST_QUIET_MS);
  const end = clock.monotonic() + WITHIN_MS;
  for (let left = WITHIN_MS; left > 0; left = end - clock.monotonic()) {
    if (!(await notifier.wait(Math.min(enough, left), clock, signal))) return;
  }
}

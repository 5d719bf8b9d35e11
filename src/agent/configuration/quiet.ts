import type { Clock } from '../../runtime/clock.ts';
import type { Notifier } from '../../runtime/notifier.ts';

const QUIET_MS = 1_500;
const MOST_QUIET_MS = 15_000;
const WITHIN_MS = 60_000;

/**
 * Returns when it is time for the restart check. That boots a whole Asterisk, which with 5,000 users takes two seconds of CPU
 * time (measured) that an edit would have to wait for. So it waits until nothing has notified it for twice as long as the last
 * check took, but not more than 15 seconds. After a minute of edits it returns anyway. Rejects when the signal is aborted.
 */
export async function quiet(notifier: Notifier, lastCheckMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const enough = Math.min(Math.max(QUIET_MS, 2 * lastCheckMs), MOST_QUIET_MS);
  const end = clock.monotonic() + WITHIN_MS;
  for (let left = WITHIN_MS; left > 0; left = end - clock.monotonic()) {
    if (!(await notifier.wait(Math.min(enough, left), clock, signal))) return;
  }
}

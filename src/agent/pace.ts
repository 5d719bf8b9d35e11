import type { Bell } from '../runtime/bell.ts';
import type { Clock } from '../runtime/clock.ts';

/** How often the agent does what costs the more the larger its tenant is. */

const QUIET_MS = 1_500;
const MOST_QUIET_MS = 15_000;
const WITHIN_MS = 60_000;

const COALESCE_MS = 200;
const MOST_COALESCE_MS = 5_000;

/**
 * Returns when it is time for the restart check: it boots a whole Asterisk, with 5,000 users two seconds of the processor
 * that the next edit needs too (measured). So nothing must have rung for twice as long as the last one took, 15 seconds
 * at most; after a minute of edits it is made all the same. Rejects when the signal is aborted.
 */
export async function quiet(bell: Bell, lastCheckMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const enough = Math.min(Math.max(QUIET_MS, 2 * lastCheckMs), MOST_QUIET_MS);
  const end = clock.monotonic() + WITHIN_MS;
  for (let left = WITHIN_MS; left > 0; left = end - clock.monotonic()) {
    if (!(await bell.wait(Math.min(enough, left), clock, signal))) return;
  }
}

/** Milliseconds between two looks at Asterisk's state: of 5,000 users one takes 0.3 s (measured), and phones never rest. */
export function lookPause(lastLookMs: number): number {
  return Math.min(Math.max(COALESCE_MS, 4 * lastLookMs), MOST_COALESCE_MS);
}

const COALESCE_MS = 200;
const MOST_COALESCE_MS = 5_000;

/** Milliseconds between two looks at Asterisk's state: of 5,000 users one takes 0.3 s (measured), and phones never rest. */
export function lookPause(lastLookMs: number): number {
  return Math.min(Math.max(COALESCE_MS, 4 * lastLookMs), MOST_COALESCE_MS);
}

import { covers } from '../diff.ts';

/** Both ways, so that what is gone (a registration, a condition) counts as a change too. */
export function sameStatus(before: unknown, after: unknown): boolean {
  return covers(before, after) && covers(after, before);
}

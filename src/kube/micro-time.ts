import type { Clock } from '../runtime/clock.ts';

/** Now as a MicroTime: the server refuses any other number of digits. */
export function microTime(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace('Z', '000Z');
}

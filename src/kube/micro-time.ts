import type { Clock } from '../runtime/clock.ts';

/** A time as MicroTime, with exactly six digits of fraction, as the server requires. */
export function microTime(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace('Z', '000Z');
}

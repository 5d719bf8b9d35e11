import type { Clock } from '../../runtime/clock.ts';
import { sipOptions } from './sip-options.ts';

const EVERY_MS = 1_000;
const UNTIL_READY_MS = 100;

/** Tells whether Asterisk answers SIP on a port, whenever that has changed; undefined: there is no port yet. */
export async function watchReadiness(
  port: () => number | undefined,
  tell: (isReady: boolean) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let last = false; ; ) {
    const at = port();
    const code = at === undefined ? undefined : await sipOptions('127.0.0.1', at, clock, signal);
    const isReady = code !== undefined && code !== 503;
    if (isReady !== last) tell(isReady);
    last = isReady;
    await clock.sleep(isReady ? EVERY_MS : UNTIL_READY_MS, signal);
  }
}

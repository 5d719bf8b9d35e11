import { type Clock, until } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Agent } from './agent.ts';
import type { Places } from './asterisk/base-files.ts';
import type { AsteriskInstallation } from './asterisk/installation.ts';
import { type AsteriskProcess, startAsterisk } from './asterisk/process.ts';

/** Keeps an Asterisk running as a child process, for `up`; in a pod the kubelet does this. */
const BACKOFF_MS = [200, 1_000, 5_000, 15_000];
const STEADY_MS = 60_000;

export interface SuperviseOptions {
  readonly agent: Agent;
  readonly installation: AsteriskInstallation;
  readonly places: Places;
  readonly started?: (asterisk: AsteriskProcess) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Runs until the signal is aborted; then ends the child without waiting for calls. */
export async function supervise(options: SuperviseOptions, signal: AbortSignal): Promise<void> {
  const { agent, installation, places, clock, log } = options;
  await until('the configuration', () => (agent.started ? true : undefined), {
    clock,
    deadlineMs: 600_000,
    everyMs: 20,
    signal,
  });
  for (let failures = 0; ; failures++) {
    const child = startAsterisk(installation, places);
    options.started?.(child);
    const begun = clock.monotonic();
    const code = await runChild(child, clock, signal);
    if (signal.aborted) return;
    if (clock.monotonic() - begun > STEADY_MS) failures = 0;
    log.error({ code }, 'Lost Asterisk, starting it again');
    await clock.sleep(BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0, signal);
  }
}

async function runChild(child: AsteriskProcess, clock: Clock, signal: AbortSignal): Promise<number | null> {
  const stopped = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([child.exited, stopped]);
  if (signal.aborted) await end(child, clock);
  return child.exited;
}

async function end(child: AsteriskProcess, clock: Clock): Promise<void> {
  child.terminate();
  const late = new AbortController();
  await Promise.race([child.exited, clock.sleep(10_000, late.signal).catch(() => undefined)]);
  late.abort();
  if (!child.gone) child.kill();
}

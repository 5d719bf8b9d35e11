import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Agent } from './agent.ts';
import { hangUpAll, setDrainGate } from './ami/actions.ts';
import { channels } from './ami/queries.ts';

/**
 * Empties the PBX: calls are accepted until there is none, or until the deadline; then new ones get 503 (emergency
 * numbers pass) for at most `refuseMs`; then the rest is ended. Never `core stop gracefully`: it kills the manager at once.
 */
export interface DrainOptions {
  readonly deadlineMs: number;
  readonly refuseMs: number;
}

const LOOK_EVERY_MS = 200;

export async function drain(
  agent: Agent,
  options: DrainOptions,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  agent.draining = true;
  const empty = async (): Promise<boolean> => {
    const client = agent.client;
    return client === undefined || (await channels(client).catch(() => [])).length === 0;
  };
  if (await waitFor(empty, options.deadlineMs, clock, signal)) return;
  log.warn('Refused new calls: the deadline of the roll has come');
  if (agent.client) await setDrainGate(agent.client, true);
  if (await waitFor(empty, options.refuseMs, clock, signal)) return;
  log.warn('Ended the calls that were left');
  if (agent.client) await hangUpAll(agent.client);
  await waitFor(empty, 5_000, clock, signal);
}

/** The gate opens again and the agent reports itself in service. */
export async function undrain(agent: Agent): Promise<void> {
  if (agent.client) await setDrainGate(agent.client, false);
  agent.draining = false;
}

async function waitFor(
  condition: () => Promise<boolean>,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const end = clock.monotonic() + ms;
  for (;;) {
    if (await condition()) return true;
    if (clock.monotonic() >= end) return false;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

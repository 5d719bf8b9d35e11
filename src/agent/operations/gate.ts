import { deleteKey, putKey } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import { startedAt, storedValue } from '../ami/queries.ts';

/**
 * The gate of the engine: while it is closed new calls get 503, and emergency numbers pass. It stands in Asterisk's own
 * database, so it outlives the agent that closed it, and Asterisk too. Its value says for whom it is closed: for a drain,
 * of which the agent knows for how long, or for the end of one Asterisk process, which nobody takes back.
 */
const FAMILY = 'ringfleet';
const KEY = 'drain';
const DRAIN = '1';

/** Closes it for a drain, or for the end of the Asterisk that runs. */
export async function closeGate(client: AmiClient, { forEnd = false } = {}): Promise<void> {
  await putKey(client, { family: FAMILY, key: KEY, value: forEnd ? endOf(await startedAt(client)) : DRAIN });
}

export async function openGate(client: AmiClient): Promise<void> {
  await deleteKey(client, FAMILY, KEY);
}

/**
 * Opens a gate that was left closed by an agent or an Asterisk of before. One that was closed for the end of this very
 * process stays: the preStop hook does that too while there is no agent, and a call that came in now would be lost.
 * `started` as `startedAt` says it; `isHeld`: whether a drain holds the gate now.
 */
export async function openAbandonedGate(client: AmiClient, started: string, isHeld: () => boolean): Promise<void> {
  if (isHeld()) return;
  const value = await storedValue(client, FAMILY, KEY);
  if (value === undefined || value === endOf(started) || isHeld()) return; // a drain may have begun meanwhile
  await openGate(client);
}

function endOf(started: string): string {
  return `end of ${started}`;
}

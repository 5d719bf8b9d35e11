import { deleteKey, putKey } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import { startedAt, storedValue } from '../ami/queries.ts';

/**
 * The gate of the dialplan: while it is closed, new calls get 503, except emergency calls. It is a key in AstDB, so it
 * outlives both the agent that closed it and Asterisk. Its value says what it is closed for: a drain, which the agent ends,
 * or the end of one Asterisk process, which is never taken back.
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
 * Opens a gate that an earlier agent or Asterisk left closed. One that was closed for the end of the running process stays
 * closed: the preStop hook may have done that without an agent, and a call that is accepted now would be lost. `started`: as
 * `startedAt` returns it; `isHeld`: whether a drain needs the gate closed.
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

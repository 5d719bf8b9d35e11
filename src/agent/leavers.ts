import { SHARED } from '../api/bundle.ts';
import { forgetContact, hangUpEndpoint, storedContacts } from './ami/actions.ts';
import type { AmiClient } from './ami/client.ts';
import { definitions, type Part } from './sections.ts';

/**
 * Endpoints that left: Asterisk ends neither their calls nor their registrations by itself, and a re-created user would
 * inherit the old phone (features.md T16).
 */

/** Endpoint id → uid of the object that it is of. */
export function endpointOwners(parts: readonly Part[]): Map<string, string> {
  const uids = new Map(parts.map(part => [part.owner, part.uid]));
  return new Map(
    definitions(parts)
      .filter(({ type, owner }) => type === 'endpoint' && owner !== SHARED)
      .map(({ id, owner }) => [id, uids.get(owner) ?? '']),
  );
}

/** Ids that are gone, or belong to another object now. */
export function leavers(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before].filter(([id, uid]) => after.get(id) !== uid).map(([id]) => id);
}

export async function seeOff(client: AmiClient, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  for (const id of ids) await hangUpEndpoint(client, id);
  const stored = await storedContacts(client);
  for (const id of ids) for (const key of stored.get(id) ?? []) await forgetContact(client, key);
}

/** After a boot: contacts of endpoints that left while Asterisk was down. */
export async function forgetStrangers(client: AmiClient, known: ReadonlyMap<string, string>): Promise<void> {
  for (const [aor, keys] of await storedContacts(client)) {
    if (known.has(aor)) continue;
    for (const key of keys) await forgetContact(client, key);
  }
}

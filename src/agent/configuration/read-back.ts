import { LISTINGS, type Listing } from '../../api/asterisk-files.ts';
import type { AmiClient } from '../ami/client.ts';

/** A type with one id: the generation of the dialplan. */
export const GENERATION = 'generation';

/**
 * Asks Asterisk for the ids of all objects that it has loaded, by type as in the table of Asterisk's files. A syntax error in
 * the dialplan can discard a single line, or all files that `extensions.conf` includes; so Asterisk is asked for the
 * generation of the dialplan, and for each extension of the tenant's objects.
 */
export async function readBack(client: AmiClient): Promise<Map<string, Set<string>>> {
  const loaded = new Map<string, Set<string>>();
  for (const [type, listing] of LISTINGS) loaded.set(type, new Set(await idsOf(client, listing)));
  const { Value: generation = '' } = await client.action('Getvar', { Variable: 'RF_GENERATION' });
  return loaded.set(GENERATION, new Set([generation]));
}

async function idsOf(client: AmiClient, listing: Listing): Promise<string[]> {
  if ('action' in listing) {
    const rows = await client.list(listing.action);
    return rows.map(row => row[listing.header] ?? '');
  }
  const text = await client.command(listing.command);
  return [...text.matchAll(listing.id)].map(([, id = '']) => id);
}

import { LISTINGS, type Listing } from '../../api/asterisk-files.ts';
import type { AmiClient } from '../ami/client.ts';

/** Which generation the dialplan is of: a type of its own, with one id. */
export const GENERATION = 'generation';

/**
 * What is loaded, by type as in the table of Asterisk's files. A broken line takes the whole of the files that
 * `extensions.conf` includes along, or itself: so the dialplan is asked for its generation, and for each extension that a
 * tenant's objects make.
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

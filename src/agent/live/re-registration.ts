import type { TrunkReport } from '../../api/report.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AmiClient } from '../ami/client.ts';

type Trunks = Readonly<Record<string, TrunkReport>>;

/** A carrier that comes back may have forgotten us, and one that is gone must not stand as registered for an hour. */
export async function reRegister(client: AmiClient, before: Trunks, now: Trunks, log: Logger): Promise<void> {
  for (const trunk of turned(before, now)) {
    await client.action('PJSIPRegister', { Registration: trunk }).catch((error: unknown) => {
      log.debug({ err: error, trunk }, 'Left a trunk alone that does not register');
    });
  }
}

/** Ids of those that answer now and did not, or the other way round. Pure. */
export function turned(before: Trunks, now: Trunks): string[] {
  return Object.entries(now)
    .filter(([id, { reachable }]) => reachable !== 'Unknown' && (before[id]?.reachable ?? reachable) !== reachable)
    .map(([id]) => id);
}

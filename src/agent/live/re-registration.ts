import type { TrunkReport } from '../../api/report.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AmiClient } from '../ami/client.ts';

type Trunks = Readonly<Record<string, TrunkReport>>;

/**
 * Registers trunks again whose carrier began or ceased to answer OPTIONS: one that was restarted may have lost the
 * registration, and one that is gone would be shown as registered until the registration expires.
 */
export async function reRegister(client: AmiClient, before: Trunks, now: Trunks, log: Logger): Promise<void> {
  for (const trunk of turned(before, now)) {
    await client.action('PJSIPRegister', { Registration: trunk }).catch((error: unknown) => {
      log.debug({ err: error, trunk }, 'Left a trunk alone that does not register');
    });
  }
}

/** Ids of the trunks whose carrier answers now and did not before, or the other way round. Pure. */
export function turned(before: Trunks, now: Trunks): string[] {
  return Object.entries(now)
    .filter(([id, { reachable }]) => reachable !== 'Unknown' && (before[id]?.reachable ?? reachable) !== reachable)
    .map(([id]) => id);
}

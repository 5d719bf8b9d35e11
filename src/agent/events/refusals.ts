import type { Clock } from '../../runtime/clock.ts';
import type { AmiAddress, AmiMessage } from '../ami/client.ts';
import { listen } from '../ami/listen.ts';
import { watcher } from '../asterisk/base-files.ts';

/**
 * Watches which requests are refused, on a connection of its own: these events carry account names as outsiders write
 * them, line breaks and all. What comes of a name may look like another such event, so one counts only with what stands
 * before the name in each real one.
 */
export async function watchRefusals(
  address: AmiAddress,
  note: (event: string) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const manager = { ...address, username: watcher(address.username) };
  await listen(manager, event => isReal(event) && note(event['Event'] ?? ''), clock, signal);
}

function isReal({ Privilege, EventTV, Severity, Service }: AmiMessage): boolean {
  return Privilege === 'security,all' && EventTV !== undefined && Severity !== undefined && Service === 'PJSIP';
}

import type { Clock } from '../../runtime/clock.ts';
import type { AmiAddress, AmiMessage } from '../ami/client.ts';
import { listen } from '../ami/listen.ts';
import { watcher } from '../asterisk/base-files.ts';

/**
 * Counts refused requests, by events on a connection of its own. The events have account names that outsiders choose, line
 * breaks included, so a name can contain the text of another event. An event counts only with the headers that precede the
 * name in every real one.
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

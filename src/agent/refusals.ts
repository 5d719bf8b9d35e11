import type { Clock } from '../runtime/clock.ts';
import { type AmiAddress, AmiClient, type AmiMessage } from './ami/client.ts';
import { watcher } from './base-files.ts';

/**
 * Hears which requests were refused, on a connection of its own: these events carry account names as outsiders write
 * them, line breaks and all. What comes of a name may look like another such event, so one counts only with what stands
 * before the name in each real one.
 */
export async function hearRefusals(
  address: AmiAddress,
  note: (event: string) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const client = await AmiClient.connect({ ...address, username: watcher(address.username) }, clock).catch(
      () => undefined, // there is no Asterisk yet, or none any more
    );
    if (client) {
      const close = (): void => client.close();
      signal.addEventListener('abort', close, { once: true });
      client.onEvent(event => {
        if (isReal(event)) note(event['Event'] ?? '');
      });
      await client.closed;
      signal.removeEventListener('abort', close);
    }
    await clock.sleep(AGAIN_MS, signal);
  }
}

const AGAIN_MS = 1_000;

function isReal({ Privilege, EventTV, Severity, Service }: AmiMessage): boolean {
  return Privilege === 'security,all' && EventTV !== undefined && Severity !== undefined && Service === 'PJSIP';
}

import type { Clock } from '../../runtime/clock.ts';
import { type AmiAddress, AmiClient, type AmiMessage } from './client.ts';

const AGAIN_MS = 1_000;

/** Listens to the events of a manager user on a connection of its own, and reconnects whenever it is lost. */
export async function listen(
  address: AmiAddress,
  onEvent: (event: AmiMessage) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const client = await AmiClient.connect(address, clock).catch(
      () => undefined, // no Asterisk is running
    );
    if (client) {
      const close = (): void => client.close();
      signal.addEventListener('abort', close, { once: true });
      client.onEvent(onEvent);
      await client.closed;
      signal.removeEventListener('abort', close);
    }
    await clock.sleep(AGAIN_MS, signal);
  }
}

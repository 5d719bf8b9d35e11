import { KubeClient } from '../kube/client.ts';
import { serverAccess } from '../kube/credentials.ts';
import { Transport } from '../kube/transport.ts';
import { bringClasses } from '../operator/bring-classes.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/log.ts';

/** `ringfleet classes`: brings the built-in classes into a cluster. */
export async function classes(): Promise<number> {
  const log = createLogger('classes');
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(new Error(name)));
  const transport = new Transport(await serverAccess(), systemClock);
  try {
    await bringClasses({ client: new KubeClient(transport), clock: systemClock, log }, stop.signal);
    return 0;
  } catch (error) {
    log.fatal({ err: error }, 'Could not bring in the classes');
    return 1;
  } finally {
    await transport.close();
  }
}

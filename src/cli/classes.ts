import { KubeClient } from '../kube/client.ts';
import { serverAccess } from '../kube/credentials.ts';
import { Transport } from '../kube/transport.ts';
import { applyClasses } from '../operator/apply-classes.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/log.ts';

/** `ringfleet classes`: applies the built-in OrganizationClasses to a cluster. */
export async function classes(): Promise<number> {
  const log = createLogger('classes');
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(new Error(name)));
  const transport = new Transport(await serverAccess(), systemClock);
  try {
    await applyClasses({ client: new KubeClient(transport), clock: systemClock, log }, stop.signal);
    return 0;
  } catch (error) {
    log.fatal({ err: error }, 'Could not apply the built-in classes');
    return 1;
  } finally {
    await transport.close();
  }
}

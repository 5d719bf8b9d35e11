import { KubeClient } from '../kube/client.ts';
import { serverAccess } from '../kube/credentials.ts';
import { Transport } from '../kube/transport.ts';
import { applyClasses } from '../operator/apply-classes.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/log.ts';
import type { Verb } from './frame/invocation.ts';

/** `classes`: applies the built-in OrganizationClasses to a cluster. */
export const classes: Verb = (program, _invocation, act) => {
  program
    .command('classes')
    .description('apply the built-in OrganizationClasses to a cluster; one that was edited is left as it is')
    .action(
      act(async () => {
        process.exit(await applyBuiltIn());
      }),
    );
};

async function applyBuiltIn(): Promise<number> {
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

import { KubeClient } from '../kube/client.ts';
import { serverAccess } from '../kube/credentials.ts';
import { Transport } from '../kube/transport.ts';
import { stillInUse } from '../operator/uninstall-check.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Verb } from './frame/invocation.ts';

/** `uninstall-check`: what charts/tenant does before it is uninstalled. */
export const uninstallCheck: Verb = (program, _invocation, act) => {
  program
    .command('uninstall-check')
    .description(
      'refuse, exiting 1, when the tenant of a namespace is in use: what charts/tenant does before it is uninstalled',
    )
    .requiredOption('--namespace <name>', "the tenant's namespace")
    .requiredOption('--release <name>', 'the release of Helm, for the advice')
    .requiredOption('--release-namespace <name>', "the release's namespace, for the advice")
    .requiredOption('--revision <number>', "the release's revision, for the advice")
    .action(
      act(async (options: UninstallCheckOptions) => {
        process.exit(await check(options));
      }),
    );
};

/** `ringfleet uninstall-check`: the hook of charts/tenant that runs before `helm uninstall` deletes anything. */
interface UninstallCheckOptions {
  readonly namespace: string;
  /** Names for the advice: what Helm calls all this. */
  readonly release: string;
  readonly releaseNamespace: string;
  readonly revision: string;
}

/** Exits 0 when the tenant may be taken away, else 1 with what to do in one of the two cases. */
async function check(options: UninstallCheckOptions): Promise<number> {
  const { namespace, release, releaseNamespace, revision } = options;
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(new Error(name)));
  const transport = new Transport(await serverAccess(), systemClock);
  try {
    const client = new KubeClient(transport);
    const there = await stillInUse({ client, clock: systemClock, namespace }, stop.signal);
    if (there === undefined) return 0;
    console.error(`Nothing was deleted, because the tenant ${namespace} still has ${there}.
To keep it:
  helm rollback ${release} ${revision} --namespace ${releaseNamespace}
To delete it:
  kubectl --namespace ${namespace} annotate organization ${namespace} ringfleet.io/delete=cascade
  helm uninstall ${release} --namespace ${releaseNamespace}`);
    return 1;
  } catch (error) {
    console.error(`Nothing was deleted, because it is not known whether the tenant ${namespace} is in use:`, error);
    return 1;
  } finally {
    await transport.close();
  }
}

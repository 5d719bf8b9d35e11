import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Registry } from 'prom-client';
import { serverAccess } from '../kube/credentials.ts';
import { KubeMetrics } from '../kube/metrics.ts';
import { Transport } from '../kube/transport.ts';
import { serveHealth } from '../operator/health-server.ts';
import { Operator } from '../operator/operator.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/log.ts';
import type { Verb } from './frame/invocation.ts';

/** `operator`: in a cluster, or anywhere with a kubeconfig. */
export const operator: Verb = (program, _invocation, act) => {
  const { POD_NAMESPACE = 'ringfleet-system', RINGFLEET_PBX_IMAGE = '' } = process.env;
  program
    .command('operator')
    .description('turn the Organizations of a cluster into running telephone systems')
    .option('--namespace <name>', 'namespace of the operator itself', POD_NAMESPACE)
    .option('--image <image>', 'container image of PBX pods', RINGFLEET_PBX_IMAGE)
    .option('--port <port>', 'port for health checks and metrics', '8080')
    .option('--cluster-cidrs <list>', 'networks that PBX pods must not reach, separated by commas', apiServerCidr())
    .option('--watch-namespaces <list>', 'namespaces of the tenants to manage, separated by commas (default: all)', '')
    .action(
      act(async (options: OperatorOptions) => {
        process.exit(await operate(options)); // whatever is still pending does not matter
      }),
    );
};

/** By default PBX pods are only kept from the API server: its Service here, its own addresses in network-policy.ts. */
function apiServerCidr(): string {
  const host = process.env['KUBERNETES_SERVICE_HOST'] ?? '';
  return /^[0-9.]+$/.test(host) ? `${host}/32` : '';
}

interface OperatorOptions {
  readonly namespace: string;
  readonly image: string;
  readonly port: string;
  readonly clusterCidrs: string;
  readonly watchNamespaces: string;
}

async function operate(options: OperatorOptions): Promise<number> {
  const log = createLogger('operator');
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(new Error(name)));
  const registry = new Registry();
  const kubeMetrics = new KubeMetrics(registry);
  const transport = new Transport(await serverAccess(), systemClock, kubeMetrics.onRequest);
  const one = new Operator({
    transport,
    namespace: options.namespace,
    // unique to the process, not to the pod: a restarted container must not take the lease of the former process for its own
    identity: `${process.env['POD_NAME'] ?? hostname()}_${randomUUID().slice(0, 8)}`,
    image: options.image,
    clusterCidrs: listOf(options.clusterCidrs),
    watchNamespaces: listOf(options.watchNamespaces),
    clock: systemClock,
    log,
    registry,
    kubeMetrics,
  });
  await serveHealth(one, Number(options.port), stop.signal);
  try {
    const outcome = await one.run(stop.signal);
    if (outcome === 'ended') return 0;
    log.error('Lost the lease, ending');
    return 1;
  } catch (error) {
    if (stop.signal.aborted) {
      log.info('Stopped');
      return 0;
    }
    log.fatal({ err: error }, 'Ended with an error');
    return 1;
  } finally {
    stop.abort();
    await transport.close();
  }
}

/** `a, b`: a space that was left in would be a part of a name that nothing has. */
function listOf(text: string): string[] {
  return text.split(',').flatMap(one => one.trim() || []);
}

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

/** `ringfleet operator`: in a cluster, or anywhere with a kubeconfig. */
export interface OperatorCliOptions {
  readonly namespace: string;
  readonly image: string;
  readonly port: string;
  readonly clusterCidrs: string;
  readonly watchNamespaces: string;
}

export async function operator(options: OperatorCliOptions): Promise<number> {
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

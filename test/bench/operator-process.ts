import { Registry } from 'prom-client';
import { Transport } from '../../src/kube/transport.ts';
import { Operator } from '../../src/operator/operator.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';

/**
 * The operator as a process of its own, against the API server of its parent: what it costs is its own alone. Tells when
 * it has made a pass over every tenant and has nothing more to do; answers any message with its memory.
 */
const { BENCH_SERVER = '', BENCH_AGENTS = '', BENCH_TENANTS = '' } = process.env;
const access = { server: BENCH_SERVER, authorization: async () => `Bearer operator-${process.pid}` };
const registry = new Registry();
const operator = new Operator({
  transport: new Transport(access, systemClock),
  namespace: 'ringfleet',
  identity: `bench-${process.pid}`,
  image: 'ringfleet:bench',
  clock: systemClock,
  log: createLogger('operator', 'warn'),
  registry,
  agentPort: Number(BENCH_AGENTS),
});
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort(new Error('SIGTERM')));
process.once('disconnect', () => process.exit());
process.on('message', () => process.send?.(memory()));

function memory() {
  return { ...process.memoryUsage(), peak: process.resourceUsage().maxRSS * 1024 };
}

async function passes(): Promise<number> {
  const metric = await registry.getSingleMetric('ringfleet_reconciles_total')?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

const running = operator.run(stop.signal);
running.catch(() => undefined); // looked at below
await until('every tenant to have had its pass', async () => (await passes()) >= Number(BENCH_TENANTS) || undefined, {
  deadlineMs: 300_000,
  everyMs: 20,
});
await until('nothing to be under way', () => operator.queue.working === 0 || undefined, {
  deadlineMs: 300_000,
  everyMs: 5,
});
process.send?.({ settled: true, ...memory() });
await running.catch(() => undefined); // asked to stop
process.exit();

import { type KubeObject, RESOURCES } from '../../src/kube/resource.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { forEachLimit } from '../../src/runtime/concurrency.ts';
import { environment } from '../cluster/environment.ts';
import { install } from '../cluster/platform.ts';
import { ClusterClient } from './cluster-client.ts';
import { podUse } from './pod-use.ts';
import { Registrar } from './register.ts';
import { duration, megabytes, type Row } from './table.ts';

/** How many tenants at rest one machine runs: the scheduler lets them in, and the phones of each are served. */
const TENANTS = 40;
const USERS = 20;
/** Pods whose use is measured at once; the sum is estimated from their median. */
const MEASURED = 8;
const REST_MS = 60_000;

export async function densityRows(say: (line: string) => void): Promise<Row[]> {
  await install();
  const [address = '127.0.0.1'] = environment().addresses;
  const client = await ClusterClient.open();
  const phones = await Registrar.open(address);
  const names = Array.from({ length: TENANTS }, (_, i) => `dense-${i}`);
  try {
    const began = systemClock.monotonic();
    await forEachLimit(names, 4, async name => {
      await client.tenant(name, USERS);
      await client.users(name, 0, USERS);
    });
    say(`Applied ${TENANTS} tenants of ${USERS} users`);
    for (const [i, name] of names.entries()) {
      await client.isReady('Organization', name, name, 900_000);
      say(`${i + 1} of ${TENANTS} are Ready after ${duration(systemClock.monotonic() - began)}`);
    }
    const ready = systemClock.monotonic() - began;
    for (const name of names) {
      const account = await client.account(name, 0);
      const place = { type: RESOURCES.Pod, namespace: name, name: `${name}-pbx-0` };
      const server = await client.sees('its address', place, podIp);
      await until(
        `a phone of ${name}`,
        async () => (await phones.register({ ...account, server }, 60)) === 200 || undefined,
        { deadlineMs: 60_000, everyMs: 500 },
      );
    }
    say('A phone of each is registered; watching them at rest');
    await systemClock.sleep(REST_MS);
    const uids = await Promise.all(
      names
        .slice(0, MEASURED)
        .map(name =>
          client.sees(
            'the pod',
            { type: RESOURCES.Pod, namespace: name, name: `${name}-pbx-0` },
            ({ metadata }) => metadata.uid,
          ),
        ),
    );
    const uses = await Promise.all(uids.map(uid => podUse(uid, REST_MS)));
    const memory = median(uses.map(({ agent, asterisk }) => agent + asterisk));
    const cpu = median(uses.map(use => use.cpu));
    return [
      {
        what: `${TENANTS} tenants of ${USERS} users on one node of 2 cores, at rest`,
        goal: 'all Ready, a phone of each registers',
        measured: `all Ready after ${duration(ready)}; median of ${MEASURED} PBXs ${megabytes(memory)}, ${(cpu * 100).toFixed(2)} % of a core`,
        met: true, // else it would have thrown
        numbers: { tenants: TENANTS, ms: ready, memory, cpu },
      },
    ];
  } finally {
    for (const name of names) await client.remove(name).catch((error: unknown) => say(String(error)));
    phones.close();
    await client.close();
  }
}

function podIp({ status }: KubeObject): string | undefined {
  return (status as { podIP?: string } | undefined)?.podIP;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

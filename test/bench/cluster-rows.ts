import { RESOURCES } from '../../src/kube/resource.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { forEachLimit } from '../../src/runtime/concurrency.ts';
import { killContainer } from '../cluster/containers.ts';
import { environment } from '../cluster/environment.ts';
import { install, leader, OPERATOR_NAMESPACE } from '../cluster/platform.ts';
import { ClusterClient, MAX_USERS } from './cluster-client.ts';
import { type Account, Registrar } from './register.ts';
import { duration, type Row, spread } from './table.ts';

/** What people wait for, on a real cluster. RINGFLEET_BENCH_5000=1 adds the tenant of 5,000 users. */
const NEW_USERS = Number(process.env['RINGFLEET_BENCH_NEW_USERS'] ?? 60);

interface Bench {
  readonly client: ClusterClient;
  readonly phones: Registrar;
  say(line: string): void;
}

export async function clusterRows(say: (line: string) => void): Promise<Row[]> {
  await install();
  const [address = '127.0.0.1'] = environment().addresses;
  const bench: Bench = { client: await ClusterClient.open(), phones: await Registrar.open(address), say };
  const rows: Row[] = [];
  try {
    rows.push(...(await tenantOf(bench, 1_000, { p50: 300, p99: 1_000 })));
    rows.push(...(await leaders(bench)));
    if (process.env['RINGFLEET_BENCH_5000'])
      rows.push(...(await tenantOf(bench, MAX_USERS - NEW_USERS, { p50: 1_000 })));
  } finally {
    bench.phones.close();
    await bench.client.close();
  }
  return rows;
}

async function tenantOf(bench: Bench, users: number, goal: { p50: number; p99?: number }): Promise<Row[]> {
  const name = `bench-${users}`;
  const installed = await allAtOnce(bench, name, users);
  const fresh = await newUsers(bench, name, users, goal);
  const pod = users === 1_000 ? [await newPod(bench, name)] : [];
  await bench.client.remove(name);
  return [fresh, ...pod, ...(users === 1_000 ? [installed] : [])];
}

async function allAtOnce({ client, phones, say }: Bench, name: string, users: number): Promise<Row> {
  say(`Applying ${users} users at once`);
  await client.tenant(name, users);
  await client.isReady('Organization', name, name);
  const began = systemClock.monotonic();
  await client.users(name, 0, users);
  const applied = systemClock.monotonic() - began;
  const accounts = await until(
    'all credentials',
    async () => {
      const known = await client.accounts(name);
      return known.length >= users ? known : undefined;
    },
    { deadlineMs: 600_000, everyMs: 200 },
  );
  await forEachLimit(accounts, 32, account => canRegister(phones, account));
  const took = systemClock.monotonic() - began;
  say(`All can register after ${duration(took)}`);
  return {
    what: `${users} SipUsers applied at once → all can register`,
    goal: '≤ 20 s',
    measured: `${duration(took)} (the applies took ${duration(applied)})`,
    met: took <= 20_000,
    numbers: { ms: took, applied },
  };
}

/** Takes a binding away that there is not: the password is asked for, and no status is set off. */
async function canRegister(phones: Registrar, account: Account): Promise<void> {
  await until(
    `${account.username} to be let in`,
    async () => (await phones.register(account, 0)) === 200 || undefined,
    { deadlineMs: 300_000, everyMs: 20 },
  );
}

async function newUsers(
  { client, phones, say }: Bench,
  name: string,
  users: number,
  goal: { p50: number; p99?: number },
): Promise<Row> {
  await client.isReady('Organization', name, name);
  await client.allTold(name); // what the installation set off
  await systemClock.sleep(5_000);
  say(`Adding ${NEW_USERS} users, one after the other`);
  const samples: number[] = [];
  const known: number[] = [];
  for (let i = 0; i < NEW_USERS; i++) {
    const began = systemClock.monotonic();
    await client.user(name, users + i);
    const account = await client.account(name, users + i);
    known.push(systemClock.monotonic() - began);
    samples.push((await phones.registered(account)) - began);
    await client.isReady('SipUser', name, `user-${users + i}`);
    await client.isChecked(name); // one after the other: each finds a tenant that has nothing to do
    await systemClock.sleep(500);
  }
  const { text, numbers } = spread(samples);
  const [p50 = 0, p99 = 0] = [numbers['p50'], numbers['p99']];
  return {
    what: `a new SipUser is applied → her REGISTER is answered 200, tenant of ${users}`,
    goal: `p50 ≤ ${duration(goal.p50)}${goal.p99 ? `, p99 ≤ ${duration(goal.p99)}` : ''}`,
    measured: `${text}; the password was known after ${spread(known).text}`,
    met: p50 <= goal.p50 && p99 <= (goal.p99 ?? Number.POSITIVE_INFINITY),
    numbers,
  };
}

/** There is no DNS in the tests' cluster. */
async function newPod({ client, phones, say }: Bench, name: string): Promise<Row> {
  say('Replacing the pod');
  const samples: number[] = [];
  const place = { type: RESOURCES.Pod, namespace: name, name: `${name}-pbx-0` };
  for (let i = 0; i < 3; i++) {
    const account = await client.account(name, i);
    const old = await client.sees('the pod', place, ({ metadata }) => metadata.uid);
    await client.kube.delete(RESOURCES.Pod, name, place.name);
    const isNew = (uid: string | undefined): boolean => uid !== undefined && uid !== old;
    await client.sees('another pod', place, ({ metadata }) => isNew(metadata.uid) || undefined);
    const began = systemClock.monotonic();
    const server = await client.sees('its address', place, ({ metadata, status }) =>
      isNew(metadata.uid) ? (status as { podIP?: string } | undefined)?.podIP : undefined,
    );
    // asked often: what is measured is when it answers, not how long a phone waits before it asks again
    samples.push((await phones.registered({ ...account, server }, { answerMs: 50 })) - began);
    await client.isReady('Organization', name, name);
    await systemClock.sleep(3_000);
  }
  const longest = Math.max(...samples);
  return {
    what: 'pod created → first REGISTER answered 200, 1,000 users, DNS dead (longest of 3)',
    goal: '≤ 3 s',
    measured: duration(longest),
    met: longest <= 3_000,
    numbers: { ms: longest },
  };
}

/** From the end of the leader to the first thing that the next one does. */
async function leaders({ client, say }: Bench): Promise<Row[]> {
  const name = 'bench-leaders';
  await client.tenant(name, 50);
  await client.isReady('Organization', name, name);
  const rows: Row[] = [];
  for (const [how, goal, end] of [
    ['SIGTERM', 3_000, (pod: string) => client.kube.delete(RESOURCES.Pod, OPERATOR_NAMESPACE, pod)],
    ['SIGKILL', 20_000, (pod: string) => killContainer(OPERATOR_NAMESPACE, pod, 'operator')],
  ] as const) {
    say(`Ending the leader by ${how}`);
    await systemClock.sleep(20_000); // the other one is up, and has seen the lease
    const [pod = ''] = (await leader())?.split('_') ?? [];
    const began = systemClock.monotonic();
    await end(pod);
    await client.user(name, rows.length);
    await client.account(name, rows.length);
    const took = systemClock.monotonic() - began;
    rows.push({
      what: `leader lost: ${how} → the next leader has reconciled`,
      goal: `< ${duration(goal)}`,
      measured: duration(took),
      met: took < goal,
      numbers: { ms: took },
    });
  }
  await client.remove(name);
  return rows;
}

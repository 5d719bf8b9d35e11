import { systemClock } from '../../src/runtime/clock.ts';
import { Rig } from '../faults/operator-rig.ts';
import { end, Fleet, memoryOf, settled } from './fleet.ts';
import { duration, megabytes, type Row, spread } from './table.ts';

/** What the operator costs and how fast it is, where the API server is a fake one. */
const TENANTS = 100;
const USERS = 100;

export async function fleetRows(say: (line: string) => void): Promise<Row[]> {
  const fleet = new Fleet(TENANTS, USERS);
  await fleet.start();
  say(`Installing ${TENANTS} tenants of ${USERS} users`);
  const first = fleet.operator();
  await fleet.settle();
  await end(first);
  say('Starting an operator over them');
  const began = systemClock.monotonic();
  const operator = fleet.operator();
  const cold = await settled(operator);
  const took = systemClock.monotonic() - began;
  await systemClock.sleep(20_000);
  const written = fleet.server
    .writes({ client: `operator-${operator.pid}` })
    .filter(({ plural }) => plural !== 'leases');
  const rest = await memoryOf(operator);
  say('Editing users');
  const latencies = await edits(fleet);
  await systemClock.sleep(5_000); // the statuses of the last ones
  const requests = await requestsPer(fleet, `operator-${operator.pid}`);
  await end(operator);
  await fleet.stop();
  const peak = Math.max(cold.peak, rest.peak);
  const applied = spread(latencies);
  return [
    {
      what: 'edit → bundle applied to the API server, in one of 100 tenants of 100 users',
      goal: 'p50 ≤ 30 ms, p99 ≤ 150 ms',
      measured: applied.text,
      met: (applied.numbers['p50'] ?? 0) <= 30 && (applied.numbers['p99'] ?? 0) <= 150,
      numbers: applied.numbers,
    },
    {
      what: 'cold start, 10,000 SipUsers in 100 tenants, nothing to do',
      goal: '≤ 15 s, 0 writes, RSS ≤ 256 MB',
      measured: `${duration(took)}, ${written.length} writes, RSS ${megabytes(rest.rss)} (peak ${megabytes(peak)})`,
      met: took <= 15_000 && written.length === 0 && peak <= 256 * 1024 ** 2,
      numbers: { ms: took, writes: written.length, rss: rest.rss, peak },
    },
    {
      what: 'requests per changed user / new user, the poke among them',
      goal: '≤ 5 / ≤ 8',
      measured: `${requests.changed} / ${requests.fresh}`,
      met: requests.changed <= 5 && requests.fresh <= 8,
      numbers: requests,
    },
  ];
}

/** From the write of the edit to the write of the manifest that has it. */
async function edits(fleet: Fleet): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < 300; i++) {
    const tenant = `tenant-${(i * 37) % TENANTS}`;
    samples.push(
      await oneEdit(fleet, tenant, () =>
        fleet.user(tenant, i % USERS, { ring: { seconds: 25 + (i % 50) + Math.floor(i / 100) } }),
      ),
    );
    await systemClock.sleep(40);
  }
  return samples;
}

function oneEdit(fleet: Fleet, tenant: string, edit: () => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = systemClock.monotonic();
    const given = new AbortController();
    const off = fleet.server.onWrite(({ object: { kind, metadata } }) => {
      if (kind !== 'ConfigMap' || metadata.namespace !== tenant || metadata.name !== `${tenant}-pbx`) return;
      off();
      given.abort();
      resolve(systemClock.monotonic() - began);
    });
    systemClock.sleep(30_000, given.signal).then(
      () => reject(new Error('The edit never arrived')),
      () => undefined, // it has
    );
    edit();
  });
}

async function requestsPer(fleet: Fleet, client: string): Promise<{ changed: number; fresh: number }> {
  const most = { changed: 0, fresh: 0 };
  for (let i = 0; i < 10; i++) {
    const tenant = `tenant-${i}`;
    most.changed = Math.max(
      most.changed,
      await cost(fleet, client, () => fleet.user(tenant, i, { ring: { seconds: 99 } })),
    );
    most.fresh = Math.max(most.fresh, await cost(fleet, client, () => fleet.user(tenant, USERS + i)));
  }
  return most;
}

async function cost(fleet: Fleet, client: string, edit: () => void): Promise<number> {
  const before = fleet.server.log.length;
  edit();
  await systemClock.sleep(3_000);
  const asked = fleet.server.log.slice(before).filter(one => one.client === client);
  const nudges = asked.filter(({ plural, verb }) => plural === 'pods' && verb === 'patch').length;
  return asked.filter(({ plural, verb }) => plural !== 'leases' && verb !== 'watch').length - Math.max(0, nudges - 1);
}

/** By a clock that is moved. */
export async function idleRow(): Promise<Row> {
  const rig = await Rig.started();
  rig.tenant('acme', { ann: '1001', bob: '1002' });
  rig.start();
  await rig.settle();
  const before = rig.server.writes().filter(({ plural }) => plural !== 'leases').length;
  await rig.clock.advance(3_600_000);
  const writes = rig.server.writes().filter(({ plural }) => plural !== 'leases').length - before;
  await rig.end();
  return {
    what: 'writes per hour, nothing changing (the Lease aside)',
    goal: '0',
    measured: String(writes),
    met: writes === 0,
    numbers: { writes },
  };
}

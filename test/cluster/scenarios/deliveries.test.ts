import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { killContainer, restarts } from '../containers.ts';
import { kubectl } from '../environment.ts';
import { Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** Bundles reach a real agent by the operator's own connection, before the kubelet and after the agent has died. */
let phones: Telephones;
let tenant: Tenant;

beforeAll(async () => {
  phones = await Telephones.start();
  tenant = await Tenant.create('deliveries');
  await tenant.people('jane');
  await tenant.ready();
});

afterAll(async () => {
  await phones?.stop();
  await tenant?.drop();
});

interface Manifest {
  readonly generation: string;
  readonly sequence: number;
}

async function written(): Promise<Manifest> {
  const { data } = JSON.parse(
    await kubectl(['get', 'configmap', `${tenant.name}-pbx`, '-n', tenant.name, '-o', 'json']),
  ) as { data: Record<string, string> };
  return JSON.parse(data['manifest.json'] ?? '') as Manifest;
}

/** What the agent says of a bundle that it took from the operator. */
async function took(generation: string): Promise<string | undefined> {
  const log = await kubectl(['logs', tenant.pod, '-n', tenant.name, '-c', 'agent', '--tail=-1']);
  return log.split('\n').find(line => line.includes('Took a bundle from the operator') && line.includes(generation));
}

/** Adds a user and sees her phone log in; brings the bundle with which it does. */
async function added(name: string, extension: string): Promise<Manifest> {
  const before = await written();
  await tenant.put('SipUser', name, { extension });
  await (await phones.phone(tenant, name)).registered(20_000);
  const now = await written();
  expect(now.sequence).toBeGreaterThan(before.sequence);
  return now;
}

it('brings an edit by the connection, and says that it is in force', async () => {
  const { generation } = await added('newcomer', '1004');

  expect(await took(generation)).toBeDefined();
  await tenant.becomes('sipuser', 'newcomer', 'Ready', { status: 'True' });
});

it('goes on with an agent that was killed, and Asterisk with what it had', async () => {
  const [started, count] = [await tenant.asteriskStartedAt(), await restarts(tenant.name, tenant.pod, 'agent')];
  await killContainer(tenant.name, tenant.pod, 'agent');
  const again = async () => (await restarts(tenant.name, tenant.pod, 'agent')) > count || undefined;
  await until('another agent', again, { deadlineMs: 60_000 });

  const { generation } = await added('latecomer', '1005');

  await until('the delivery to be told', () => took(generation), { deadlineMs: 20_000 });
  await tenant.becomes('sipuser', 'latecomer', 'Ready', { status: 'True' });
  expect(await tenant.asteriskStartedAt()).toBe(started);
});

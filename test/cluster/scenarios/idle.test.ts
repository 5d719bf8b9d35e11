import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';
import { settled, versions } from '../versions.ts';

/** An unchanged world: phones refresh their registrations, and nobody writes anything. */
const MINUTES = Number(process.env['RINGFLEET_IDLE_MINUTES'] ?? 3);
let phones: Telephones;
let tenant: Tenant;

beforeAll(async () => {
  phones = await Telephones.start();
  tenant = await Tenant.create('idle');
  await tenant.people('jane', 'john');
  await tenant.ready();
  for (const name of ['jane', 'john']) {
    await phones.registered(tenant, name);
    await tenant.becomes('sipuser', name, 'Reachable', { status: 'True' });
  }
  await tenant.becomes('organization', 'idle', 'RestartSafe', { status: 'True' });
});

afterAll(async () => {
  await phones?.stop();
  await tenant?.drop();
});

it(`writes nothing in ${MINUTES} minutes, while two phones refresh`, { timeout: (MINUTES + 2) * 60_000 }, async () => {
  const before = await settled('idle');
  const end = performance.now() + MINUTES * 60_000;

  // every look must be the same: a write that another one undoes is two writes
  await until(
    'the time to be over',
    async () => {
      expect(await versions('idle')).toEqual(before);
      return performance.now() >= end || undefined;
    },
    { deadlineMs: (MINUTES + 1) * 60_000, everyMs: 5_000 },
  );

  const { status } = await tenant.get('sipuser', 'jane');
  expect(status.registrations).toHaveLength(1);
});

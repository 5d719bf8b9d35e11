import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import type { Carrier } from '../../carrier/carrier.ts';
import { apply, environment } from '../environment.ts';
import { makeCarrier, Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** A roll whose deadline comes while somebody talks. */
const ACCOUNT = { username: 'goodbye-at-carrier', password: 'the-carrier-password' };
let phones: Telephones;
let tenant: Tenant;
let carrier: Carrier;

beforeAll(async () => {
  phones = await Telephones.start();
  const made = await makeCarrier(ACCOUNT);
  carrier = made.carrier;
  await carrier.start();
  await orgClass(environment().images.pbx);
  tenant = await Tenant.create('goodbye', { className: 'goodbye' });
  await tenant.secret('carrier', ACCOUNT);
  await tenant.put('Trunk', 'carrier', {
    servers: [{ name: 'a', host: made.host, port: made.port }],
    credentialsSecretRef: { name: 'carrier' },
    register: { enabled: true },
  });
  await tenant.people('jane', 'john', 'zoe', 'max');
  await tenant.ready();
});

afterAll(async () => {
  await phones?.stop();
  await carrier?.remove();
  await tenant?.drop();
});

function orgClass(image: string): Promise<string> {
  return apply({
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'OrganizationClass',
    metadata: { name: 'goodbye' },
    spec: { pbx: { image, roll: { deadlineSeconds: 1 } }, sipDomainSuffix: 'goodbye.example' },
  });
}

it('refuses new calls after the deadline but for emergencies, and ends the last one 120 s later', {
  timeout: 330_000,
}, async () => {
  const [jane, john, zoe] = [
    await phones.registered(tenant, 'jane'),
    await phones.registered(tenant, 'john'),
    await phones.registered(tenant, 'zoe'),
  ];
  await phones.registered(tenant, 'max');
  const out = await jane.call('1002');
  await john.incoming();
  await out.answered();
  await out.hears(john.account.hz);
  const before = await tenant.podUid();

  await orgClass(environment().images.next);
  await until(
    'new calls to be refused',
    async () => {
      const tried = await zoe.call('1004');
      const end = await tried.ended(1_500).catch(() => undefined);
      if (!end) await tried.hangUp();
      return end?.cause === 34 || undefined; // what a phone makes of 503
    },
    { deadlineMs: 60_000, everyMs: 200 },
  );
  const emergency = await zoe.call('112');
  expect((await carrier.takes()).number).toBe('112');
  await emergency.answered();
  await emergency.hangUp();
  await out.hears(john.account.hz);

  await out.ended(140_000);
  await until(
    'another pod to serve',
    async () => {
      const pod = await tenant.get('pod', tenant.pod);
      const ready = pod?.status?.conditions?.some(
        (one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True',
      );
      return (ready && pod.metadata.uid !== before) || undefined;
    },
    { deadlineMs: 90_000, everyMs: 300 },
  );
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import type { Carrier } from '../../carrier/carrier.ts';
import { CARRIER_HZ } from '../../carrier/carrier.ts';
import { makeCarrier, Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** A trunk that registers at a real carrier, calls both ways, and the truth about it in status. */
const ACCOUNT = { username: 'lines-at-carrier', password: 'the-carrier-password' };
let phones: Telephones;
let tenant: Tenant;
let carrier: Carrier;

beforeAll(async () => {
  phones = await Telephones.start();
  const made = await makeCarrier(ACCOUNT);
  carrier = made.carrier;
  await carrier.start();
  tenant = await Tenant.create('lines', { callerId: { default: { name: 'main' } } });
  await tenant.secret('carrier', ACCOUNT);
  await tenant.put('Trunk', 'carrier', {
    servers: [{ name: 'a', host: made.host, port: made.port }],
    credentialsSecretRef: { name: 'carrier' },
    register: { enabled: true, expirySeconds: 60 },
    health: { optionsSeconds: 5 },
  });
  await tenant.put('PhoneNumber', 'main', {
    number: '+914412300001',
    trunk: { name: 'carrier' },
    destination: { user: { name: 'jane' } },
  });
  await tenant.put('PhoneNumber', 'direct', {
    number: '+914412300002',
    trunk: { name: 'carrier' },
    destination: { user: { name: 'john' } },
  });
  await tenant.put('SipUser', 'jane', { extension: '1001' });
  await tenant.put('SipUser', 'john', { extension: '1002', callerId: { default: { name: 'direct' } } });
  await tenant.ready();
});

afterAll(async () => {
  await phones?.stop();
  await carrier?.remove();
  await tenant?.drop();
});

describe('a trunk', () => {
  it('registers at the carrier and says so', async () => {
    await tenant.becomes('trunk', 'carrier', 'Registered', { status: 'True' });

    const { status } = await tenant.get('trunk', 'carrier');
    expect(status.registration).toMatchObject({ state: 'Registered', lastCode: 200 });
  });

  it('brings a call to a number to the right user', async () => {
    const [jane, john] = [await phones.registered(tenant, 'jane'), await phones.registered(tenant, 'john')];

    const toJohn = await carrier.call('+914412300002', '+442079460000');
    const { call: inbound, from } = await john.incoming();
    await toJohn.answered();

    expect(from.number).toBe('+442079460000');
    await toJohn.hears(john.account.hz);
    await inbound.hears(CARRIER_HZ);
    await toJohn.hangUp();
    await expect(jane.incoming(500)).rejects.toThrow();
  });

  it.each([
    ['jane', '+914412300001'],
    ['john', '+914412300002'],
  ])('shows the caller ID of %s to the world', async (user, shown) => {
    const phone = await phones.registered(tenant, user);

    const out = await phone.call('+442079461234');
    const taken = await carrier.takes();
    await out.answered();

    expect(taken).toMatchObject({ number: '+442079461234', from: shown });
    await out.hears(CARRIER_HZ);
    await taken.call.hears(phone.account.hz);
    await out.hangUp();
  });

  it('says so when the carrier is gone, and when it is back', async () => {
    await carrier.stop();
    await tenant.becomes('trunk', 'carrier', 'Reachable', { status: 'False' }, 60_000);
    await tenant.becomes('trunk', 'carrier', 'Registered', { status: 'False' }, 60_000);

    await carrier.start();
    await tenant.becomes('trunk', 'carrier', 'Registered', { status: 'True' }, 90_000);
    await tenant.becomes('trunk', 'carrier', 'Reachable', { status: 'True' }, 60_000);
  });

  it('says what the carrier answered to a wrong password', async () => {
    await tenant.secret('carrier', { ...ACCOUNT, password: 'a-wrong-password' });

    await tenant.becomes('trunk', 'carrier', 'Registered', { status: 'False', reason: 'Rejected' }, 90_000);
    const code = async (): Promise<number> => (await tenant.get('trunk', 'carrier')).status.lastFailure?.code;
    await until('the answer to be told', async () => (await code()) === 401 || undefined, { deadlineMs: 30_000 });

    await tenant.secret('carrier', ACCOUNT);
    await tenant.becomes('trunk', 'carrier', 'Registered', { status: 'True' }, 90_000);
  });
});

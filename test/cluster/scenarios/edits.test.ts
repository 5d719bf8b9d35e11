import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import type { Phone } from '../../../src/standalone/phones/phone-bank.ts';
import { bothHear, Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** Edits of users while others talk: what changes is changed at once, and nobody else notices. */
let phones: Telephones;
let tenant: Tenant;

beforeAll(async () => {
  phones = await Telephones.start();
  tenant = await Tenant.create('edits');
  await tenant.people('jane', 'john', 'zoe');
  await tenant.ready();
});

afterAll(async () => {
  await phones?.stop();
  await tenant?.drop();
});

/** Places a call, makes the edit, and sees that the call is still heard on both ends. */
async function duringCall(edit: () => Promise<void>): Promise<void> {
  const started = await tenant.asteriskStartedAt();
  const call = await phones.talk(tenant);

  await edit();

  await bothHear(call);
  expect(call.out.isUp).toBe(true);
  expect(await tenant.asteriskStartedAt()).toBe(started);
  await call.out.hangUp();
  await call.inbound.ended();
}

async function registers(phone: Phone): Promise<void> {
  await phone.registered(20_000);
  await phones.bank.remove(phone.account.name);
}

describe('an edit', () => {
  it('adds a user, and a running call goes on', async () => {
    await duringCall(async () => {
      await tenant.put('SipUser', 'newcomer', { extension: '1004' });
      await registers(await phones.phone(tenant, 'newcomer'));
    });
  });

  it('rotates a password: the old one is refused, the new one taken', async () => {
    const { password: before = '' } = await tenant.credentials('zoe');
    await duringCall(async () => {
      await tenant.patch('sipuser', 'zoe', {
        metadata: { annotations: { 'ringfleet.io/rotate-sip-password': 'now' } },
      });
      await until(
        'another password',
        async () => (await tenant.credentials('zoe'))['password'] !== before || undefined,
        {
          deadlineMs: 20_000,
        },
      );
      await registers(await phones.phone(tenant, 'zoe'));
      const old = await phones.phone(tenant, 'zoe', { name: 'zoe-before', password: before });
      await old.refused(20_000);
      await phones.bank.remove('zoe-before');
    });
  });

  it('changes an extension: the old one is gone, the new one works', async () => {
    const before = await tenant.credentials('zoe');
    const jane = await phones.registered(tenant, 'jane');
    await tenant.patch('sipuser', 'zoe', { spec: { extension: '1103' } });
    await until(
      'the new name',
      async () => (await tenant.credentials('zoe'))['username'] === 'edits_1103' || undefined,
      {
        deadlineMs: 20_000,
      },
    );

    const zoe = await phones.registered(tenant, 'zoe');
    const out = await jane.call('1103');
    await zoe.incoming();
    await out.answered();
    await out.hears(zoe.account.hz);
    await out.hangUp();

    expect((await (await jane.call('1003')).ended()).cause).toBe(1);
    const old = await phones.phone(tenant, 'zoe', { name: 'zoe-before', username: before['username'] ?? '' });
    await old.refused(20_000);
    await phones.bank.remove('zoe-before');
  });

  it('deletes a user: her call ends, her contact and Secret are gone, and her successor inherits nothing', async () => {
    const [jane, zoe] = [await phones.registered(tenant, 'jane'), await phones.registered(tenant, 'zoe')];
    phones.bank.forget(zoe.account.name);
    const before = await tenant.credentials('zoe');
    const out = await jane.call('1103');
    const { call: inbound } = await zoe.incoming();
    await out.answered();

    await tenant.remove('sipuser', 'zoe');

    await inbound.ended(20_000);
    await out.ended(20_000);
    await until('the Secret to go', async () => (await tenant.get('secret', 'zoe-sip')) === undefined || undefined, {
      deadlineMs: 20_000,
    });
    expect(await tenant.asterisk('pjsip show contacts')).not.toContain('edits_1103');

    await tenant.put('SipUser', 'zoe', { extension: '1103' });
    await tenant.becomes('sipuser', 'zoe', 'Ready', { status: 'True' });
    expect((await tenant.credentials('zoe'))['password']).not.toBe(before['password']);
    expect(await tenant.asterisk('pjsip show contacts')).not.toContain('edits_1103');
    await phones.bank.remove(zoe.account.name);
  });
});

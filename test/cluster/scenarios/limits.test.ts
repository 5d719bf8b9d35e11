import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { apply, tryKubectl } from '../environment.ts';
import { Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** What a tenant may not have, and who of two gets what only one can have. */
let phones: Telephones;
let tenant: Tenant;

beforeAll(async () => {
  phones = await Telephones.start();
  tenant = await Tenant.create('limits', { limits: { users: 5 } });
});

afterAll(async () => {
  await phones?.stop();
  await tenant?.drop();
});

describe('a limit', () => {
  it('lets exactly the oldest in when ten race for five places before there is a quota', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `racer-${index}`);
    await apply(...names.map((name, index) => tenant.manifest('SipUser', name, { extension: String(1000 + index) })));

    const settled = async () => {
      const users = await tenant.list('sipusers');
      const reasons = users.map(user => user.status?.conditions?.find((one: { type: string }) => one.type === 'Ready'));
      const done = reasons.every(ready => ready?.status === 'True' || ready?.reason === 'LimitExceeded');
      return users.length === 10 && done ? users : undefined;
    };
    const users = await until('ten decided users', settled, { deadlineMs: 60_000, everyMs: 300 });

    const byAge = users.toSorted((a, b) =>
      `${a.metadata.creationTimestamp} ${a.metadata.uid}` < `${b.metadata.creationTimestamp} ${b.metadata.uid}`
        ? -1
        : 1,
    );
    const ready = byAge.map(
      user => user.status.conditions.find((one: { type: string }) => one.type === 'Ready').status,
    );
    expect(ready).toEqual([...Array(5).fill('True'), ...Array(5).fill('False')]);
    for (const { metadata } of byAge.slice(5)) await tenant.remove('sipuser', metadata.name);
  });

  it('refuses one more with 403 once the tenant is settled', async () => {
    await until(
      'the quota',
      async () => (await tenant.get('resourcequota', 'limits-limits'))?.status?.hard || undefined,
      {
        deadlineMs: 90_000,
        everyMs: 300,
      },
    );

    const manifest = JSON.stringify(tenant.manifest('SipUser', 'one-too-many', { extension: '1900' }));
    const { code, stderr } = await tryKubectl(['create', '-f', '-'], manifest);

    expect(code).not.toBe(0);
    expect(stderr).toMatch(/forbidden.*exceeded quota: limits-limits/i);
  });

  it('gives an extension to the older of two, tells the younger with whom, and passes it on', async () => {
    await tenant.patch('organization', tenant.name, { spec: { limits: { users: 20 } } });
    await until(
      'the higher quota',
      async () =>
        (await tenant.get('resourcequota', 'limits-limits'))?.status?.hard?.['count/sipusers.ringfleet.io'] === '20' ||
        undefined,
      { deadlineMs: 30_000 },
    );
    await tenant.put('SipUser', 'older', { extension: '2001' });
    await tenant.put('SipUser', 'caller', { extension: '2002' });
    await tenant.becomes('sipuser', 'older', 'Ready', { status: 'True' });
    // creation times have whole seconds: the younger one is to be younger for the server too
    const created = Date.parse((await tenant.get('sipuser', 'older')).metadata.creationTimestamp);
    await until('another second', () => (Date.now() >= created + 1_100 ? true : undefined), { deadlineMs: 5_000 });
    await tenant.put('SipUser', 'younger', { extension: '2001' });

    const stalled = await tenant.becomes('sipuser', 'younger', 'Stalled', { status: 'True', reason: 'Conflict' });
    expect(stalled.message).toContain('older');
    const [caller, older] = [await phones.registered(tenant, 'caller'), await phones.registered(tenant, 'older')];
    const out = await caller.call('2001');
    await older.incoming();
    await out.answered();
    await out.hears(older.account.hz);
    await out.hangUp();

    await tenant.remove('sipuser', 'older');
    await tenant.becomes('sipuser', 'younger', 'Ready', { status: 'True' });
    const younger = await phones.registered(tenant, 'younger');
    const again = await caller.call('2001');
    await younger.incoming();
    await again.answered();
    await again.hears(younger.account.hz);
    await again.hangUp();
  });
});

import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../src/runtime/clock.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';

/** Edits while people talk: nothing drops but what was deleted, and nothing broken ever arrives. */
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start(await freePorts(), {
    users: { jane: { extension: '1001' }, john: { extension: '1002' }, zoe: { extension: '1003' } },
  });
});

afterAll(async () => {
  await rig?.stop();
});

describe('live changes', () => {
  it('adds a user while a call is up: she registers, the call goes on', async () => {
    const [jane, john] = [await rig.registered('jane'), await rig.registered('john')];
    const call = await jane.call('1002');
    await call.answered();

    await rig.edit(() => rig.put('SipUser', 'new', { extension: '1010' }));
    await rig.registered('new');

    await call.hears(john.account.hz);
    await call.hangUp();
  });

  it('rotates a password: the old one is refused, the new one accepted', async () => {
    const old = rig.credentials('zoe');
    await rig.edit(() =>
      rig.put('SipUser', 'zoe', { extension: '1003' }, { annotations: { 'ringfleet.io/rotate-sip-password': 'once' } }),
    );

    expect(rig.credentials('zoe').password).not.toBe(old.password);
    const stale = await rig.phone('zoe', { name: 'stale', password: old.password });
    await stale.refused();
    await rig.bank.remove('stale');
    await rig.registered('zoe');
  });

  it('changes an extension: the old one is gone, the new one works', async () => {
    const jane = await rig.registered('jane');
    const old = rig.credentials('zoe');
    await rig.edit(() => rig.put('SipUser', 'zoe', { extension: '1033' }));
    const zoe = await rig.registered('zoe');
    rig.bank.forget('zoe');

    expect((await (await jane.call('1003')).ended()).cause).toBe(1);
    const out = await jane.call('1033');
    await zoe.incoming();
    await out.answered();
    await out.hangUp();
    const stale = await rig.phone('zoe', { name: 'stale', username: old.username, password: old.password });
    await stale.refused();
    await rig.bank.remove('stale');
  });

  it('ends the call of a user who is deleted, and forgets her phone', async () => {
    const [jane, john] = [await rig.registered('jane'), await rig.registered('john')];
    const call = await jane.call('1002');
    await call.answered();
    rig.bank.forget('john');

    await rig.edit(() => rig.remove('SipUser', 'john'));

    await call.ended();
    await until(
      'her contact to be gone',
      () => (rig.pbx.report.contacts['acme_1002'] === undefined ? true : undefined),
      { deadlineMs: 10_000 },
    );
    await rig.edit(() => rig.put('SipUser', 'john', { extension: '1002' }));
    expect(rig.pbx.report.contacts['acme_1002']).toBeUndefined();
    await rig.bank.remove(john.account.name);
  });

  it('says of a broken file what is wrong and keeps its last good version, and her call', async () => {
    const [jane, peer] = [await rig.registered('jane'), await rig.registered('new')];
    const call = await jane.call('1010');
    await call.answered();
    const loaded = rig.pbx.report.bundle.loaded;

    await rig.write('SipUser-jane.yaml', 'apiVersion: ringfleet.io/v1alpha1\nkind: SipUser\nmetadata: {name: jane\n');
    await rig.edit(() => rig.put('SipUser', 'later', { extension: '1020' }));

    expect(rig.pbx.report.bundle.loaded).not.toBe(loaded);
    expect(await jane.registration()).toBe('Registered');
    expect(rig.pbx.snapshot?.objects.SipUser.map(({ metadata }) => metadata.name)).toContain('jane');
    const complaint = /SipUser-jane\.yaml: .*last good version stays in force/;
    await until('the broken file to be named', () => rig.said.find(line => complaint.test(line)), {
      deadlineMs: 5_000,
    });
    await rig.put('SipUser', 'jane', { extension: '1001', ring: { seconds: 1 } });
    await until('the wrong field to be named', () => rig.said.find(line => line.includes('spec.ring.seconds')), {
      deadlineMs: 5_000,
    });
    expect(rig.pbx.snapshot?.objects.SipUser.map(({ metadata }) => metadata.name)).toContain('jane');
    await rig.edit(() => rig.put('SipUser', 'jane', { extension: '1001', fullName: 'Jane again' }));

    await call.hears(peer.account.hz);
    await call.hangUp();
  });

  it('keeps the call of a user whose Secret is gone', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: own}\nstringData: {secret: her-own-password}\n';
    await rig.edit(async () => {
      await rig.write('own.yaml', secret);
      await rig.put('SipUser', 'own', {
        extension: '1040',
        sip: { passwordSecretRef: { name: 'own', key: 'secret' } },
      });
    });
    const [jane, own] = [await rig.registered('jane'), await rig.phone('own', { password: 'her-own-password' })];
    await own.registered();
    const call = await jane.call('1040');
    await call.answered();

    await rig.edit(() => rm(`${rig.directory}/own.yaml`));
    expect(rig.condition('SipUser', 'own', 'Stalled')).toMatchObject({ reason: 'SecretNotFound' });

    await call.hears(own.account.hz);
    await call.hangUp();
  });

  it('keeps credentials where only their owner reads them, and nowhere else', async () => {
    const { password } = rig.credentials('zoe');
    const log = await readFile(`${rig.directory}/.ringfleet/log/messages`, 'utf8');
    const metrics = await rig.pbx.agent.metrics.registry.metrics();
    const open = [
      log,
      metrics,
      JSON.stringify(rig.pbx.report),
      JSON.stringify(rig.pbx.plan?.statuses),
      JSON.stringify(rig.pbx.plan?.events),
    ];

    expect(password).toHaveLength(24);
    for (const text of open) expect(text).not.toContain(password);
  });
});

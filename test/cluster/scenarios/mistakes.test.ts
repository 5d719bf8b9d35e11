import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { kubectl, tryKubectl } from '../environment.ts';
import { bothHear, Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** Bad input is never lost and never fatal: it is refused at once, or said on the object; everybody else is unaffected. */
let phones: Telephones;
let tenant: Tenant;

beforeAll(async () => {
  phones = await Telephones.start();
  tenant = await Tenant.create('mistakes');
  await tenant.people('jane', 'john');
  await tenant.ready();
});

afterAll(async () => {
  await phones?.stop();
  await tenant?.drop();
});

async function callWorks(): Promise<void> {
  const call = await phones.talk(tenant);
  await bothHear(call);
  await call.out.hangUp();
}

describe('a mistake', () => {
  it.each([
    ['an extension of letters', 'SipUser', { extension: 'ten' }, 'spec.extension'],
    ['a number that is not E.164', 'PhoneNumber', { number: '044 123' }, 'spec.number'],
    [
      'two choices in one',
      'SipUser',
      { extension: '1500', ring: { onBusy: { hangup: 'Busy', user: { name: 'jane' } } } },
      'spec.ring.onBusy',
    ],
    ['a line break in a name', 'SipUser', { extension: '1500', fullName: 'a\nb' }, 'spec.fullName'],
    ['an unknown codec', 'SipUser', { extension: '1500', sip: { codecs: ['mp3'] } }, 'spec.sip.codecs'],
  ])('%s is refused at once and named', async (_what, kind, spec, field) => {
    const { code, stderr } = await tryKubectl(
      ['create', '-f', '-'],
      JSON.stringify(tenant.manifest(kind, 'bad', spec)),
    );

    expect(code).not.toBe(0);
    expect(stderr).toContain(field);
  });

  it('a field that does not exist is refused', async () => {
    const manifest = JSON.stringify(tenant.manifest('SipUser', 'bad', { extension: '1500', extenson: '1' }));

    const { code, stderr } = await tryKubectl(['create', '-f', '-'], manifest);

    expect(code).not.toBe(0);
    expect(stderr).toContain('extenson');
  });

  it('a Secret that is not there is said, and put right when it comes', async () => {
    await tenant.put('SipUser', 'own-secret', {
      extension: '1010',
      sip: { passwordSecretRef: { name: 'mine', key: 'password' } },
    });

    const stalled = await tenant.becomes('sipuser', 'own-secret', 'Stalled', { reason: 'SecretNotFound' });
    expect(stalled.message).toContain('mine');
    await callWorks();

    await tenant.secret('mine', { password: 'my-own-password-1' });
    await tenant.becomes('sipuser', 'own-secret', 'Ready', { status: 'True' });
    const phone = await phones.phone(tenant, 'own-secret', { password: 'my-own-password-1' });
    await phone.registered();
    await tenant.secret('mine', { password: 'my-own-password-2' });
    await until(
      'the new password to count',
      async () => {
        const other = await phones.phone(tenant, 'own-secret', { name: 'again', password: 'my-own-password-2' });
        const taken = await other.registered(1_500).then(
          () => true,
          () => undefined,
        );
        await phones.bank.remove('again');
        return taken;
      },
      { deadlineMs: 20_000 },
    );
  });

  it('a reference to nobody and a loop are said on the object, and nobody else is touched', async () => {
    await tenant.put('SipUser', 'dangling', { extension: '1011', ring: { onNoAnswer: { user: { name: 'nobody' } } } });
    await tenant.put('SipUser', 'ping', {
      extension: '1012',
      ring: { target: { none: {} }, onNoAnswer: { user: { name: 'pong' } } },
    });
    await tenant.put('SipUser', 'pong', {
      extension: '1013',
      ring: { target: { none: {} }, onNoAnswer: { user: { name: 'ping' } } },
    });

    expect((await tenant.becomes('sipuser', 'dangling', 'Stalled', { status: 'True' })).message).toContain('nobody');
    expect((await tenant.becomes('sipuser', 'ping', 'Stalled', { reason: 'RoutingLoop' })).message).toContain('pong');
    await tenant.becomes('sipuser', 'jane', 'Ready', { status: 'True' });
    await callWorks();
  });

  it('a ConfigMap edited by hand is ignored by the PBX and put right', async () => {
    const shards = (await tenant.list('configmaps')).filter(
      ({ data }) => data && Object.keys(data).some(key => key.startsWith('pjsip_endpoint.conf')),
    );
    const [shard] = shards;
    const [key] = Object.keys(shard.data).filter(name => name.startsWith('pjsip_endpoint.conf'));
    const before = shard.data[key ?? ''];

    await tenant.patch('configmap', shard.metadata.name, { data: { [key ?? '']: '[evil](!)\ntype=endpoint\n' } });
    await until(
      'the text to be put right',
      async () => (await tenant.get('configmap', shard.metadata.name)).data[key ?? ''] === before || undefined,
      { deadlineMs: 20_000 },
    );

    expect(await tenant.asterisk('pjsip show endpoints')).toContain('mistakes_1001');
    await callWorks();
  });

  it('a ConfigMap and a Secret deleted by hand are made again', async () => {
    await kubectl(['-n', tenant.name, 'delete', 'configmap', 'mistakes-pbx', 'mistakes-pbx-0']);
    await kubectl(['-n', tenant.name, 'delete', 'secret', 'mistakes-pbx-auth-0', 'mistakes-pbx-auth-1']);

    await until(
      'all of them',
      async () => {
        const [maps, secrets] = [await tenant.list('configmaps'), await tenant.list('secrets')];
        const names = [...maps, ...secrets].map(({ metadata }) => metadata.name);
        return (
          ['mistakes-pbx', 'mistakes-pbx-0', 'mistakes-pbx-auth-0', 'mistakes-pbx-auth-1'].every(name =>
            names.includes(name),
          ) || undefined
        );
      },
      { deadlineMs: 20_000 },
    );
    await callWorks();
  });

  it('a namespace that is deleted goes, whatever is in it', async () => {
    const doomed = await Tenant.create('doomed');
    await doomed.put('SipUser', 'jane', { extension: '1001' });
    await doomed.ready();

    await doomed.drop();

    await until(
      'the namespace to be gone',
      async () => ((await tryKubectl(['get', 'namespace', 'doomed'])).code !== 0 ? true : undefined),
      { deadlineMs: 60_000, everyMs: 500 },
    );
  });
});

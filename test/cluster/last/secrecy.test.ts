import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { kubectl } from '../environment.ts';
import { OPERATOR_NAMESPACE, operatorLogs, operatorPods } from '../platform.ts';
import { Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** After a life with registrations, mistakes and rotations: no password, PIN or digest anywhere but in Secrets. */
let phones: Telephones;
let tenant: Tenant;
const seen = new Map<string, string>();

beforeAll(async () => {
  phones = await Telephones.start();
  tenant = await Tenant.create('secrecy');
  await tenant.secret('own', { password: 'Own-Password-4711', pin: '864209' });
  await tenant.secret('carrier', { username: 'at-carrier', password: 'Carrier-Password-4712' });
  await tenant.put('SipUser', 'jane', { extension: '1001' });
  await tenant.put('SipUser', 'john', {
    extension: '1002',
    sip: { passwordSecretRef: { name: 'own', key: 'password' } },
    voicemail: { pinSecretRef: { name: 'own', key: 'pin' } },
  });
  await tenant.put('Trunk', 'carrier', {
    servers: [{ name: 'a', host: '198.18.0.18', port: 5999 }],
    credentialsSecretRef: { name: 'carrier' },
    register: { enabled: true },
  });
  await tenant.ready();
  await remember('before');
  await phones.registered(tenant, 'jane');
  const wrong = await phones.phone(tenant, 'john', { name: 'wrong', password: 'Wrong-Password-4713' });
  await wrong.refused(20_000);
  await phones.bank.remove('wrong');
  await tenant.patch('sipuser', 'jane', { metadata: { annotations: { 'ringfleet.io/rotate-sip-password': 'x' } } });
  await until(
    'another password',
    async () => (await tenant.credentials('jane'))['password'] !== seen.get('jane before') || undefined,
    { deadlineMs: 20_000 },
  );
  await remember('after');
  seen.set('own', 'Own-Password-4711');
  seen.set('carrier', 'Carrier-Password-4712');
  seen.set('wrong', 'Wrong-Password-4713');
  seen.set('PIN', '864209');
  digests('john', 'secrecy_1002', (await tenant.credentials('jane'))['domain'] ?? '', 'Own-Password-4711');
  await tenant.secret('own', { password: 'short' });
  await tenant.becomes('sipuser', 'john', 'Stalled', { status: 'True', reason: 'InvalidPassword' });
});

afterAll(async () => {
  await phones?.stop();
  await tenant?.drop();
});

async function remember(when: string): Promise<void> {
  const { username = '', password = '', domain = '', voicemailPin = '' } = await tenant.credentials('jane');
  seen.set(`jane ${when}`, password);
  seen.set('PIN of jane', voicemailPin);
  digests(`jane ${when}`, username, domain, password);
}

function digests(whose: string, username: string, domain: string, password: string): void {
  for (const algorithm of ['md5', 'sha256'])
    seen.set(
      `${algorithm} of ${whose}`,
      createHash(algorithm).update(`${username}:${domain}:${password}`).digest('hex'),
    );
}

/** Everything that people without access to Secrets may read. */
async function readable(): Promise<[string, string][]> {
  const everything = [
    'configmaps',
    'events',
    'organizations',
    'sipusers',
    'trunks',
    'phonenumbers',
    'pods',
    'statefulsets',
    'services',
  ];
  const texts: [string, string][] = [];
  for (const kind of everything)
    texts.push([kind, await kubectl(['get', kind, '-A', '-o', 'json', '--show-managed-fields'])]);
  texts.push(['operator logs', await operatorLogs()]);
  const log = ['sh', '-c', 'cat /var/log/asterisk/messages* /var/log/asterisk/problems*'];
  texts.push(['agent logs', await kubectl(['-n', 'secrecy', 'logs', tenant.pod, '-c', 'agent'])]);
  texts.push(['Asterisk logs', await kubectl(['-n', 'secrecy', 'exec', tenant.pod, '-c', 'agent', '--', ...log])]);
  for (const pod of await operatorPods())
    texts.push([
      `metrics of ${pod}`,
      await kubectl(['get', '--raw', `/api/v1/namespaces/${OPERATOR_NAMESPACE}/pods/${pod}:8080/proxy/metrics`]),
    ]);
  texts.push([
    'metrics of the agent',
    await kubectl(['get', '--raw', `/api/v1/namespaces/secrecy/pods/${tenant.pod}:8080/proxy/metrics`]),
  ]);
  return texts;
}

it('keeps every secret in Secrets', async () => {
  const places = await readable();

  const leaks = places.flatMap(([place, text]) =>
    [...seen].flatMap(([name, secret]) => {
      const forms = [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '')];
      return forms.some(form => text.includes(form)) ? [`${name} in ${place}`] : [];
    }),
  );
  expect(places.every(([, text]) => text.length > 0)).toBe(true);
  expect(seen.size).toBeGreaterThan(8);
  expect(leaks).toEqual([]);
});

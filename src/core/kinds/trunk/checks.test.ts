import { expect, it } from 'vitest';
import { indexOf, organization, type Parts, secret, trunk } from '../../../../test/snapshots.ts';
import { refusal } from './checks.ts';

const LOGIN = { credentialsSecretRef: { name: 'login' } };
const REGISTER = { register: { enabled: true } };
const INBOUND = { inbound: { auth: { secretRef: { name: 'login' } } } };
const login = (data: Record<string, string>): Parts => ({ secrets: new Map([['login', secret('login', data)]]) });
const GOOD = { username: 'acme', password: 'pw' };
const server = (host: string) => ({
  servers: [
    { name: 'a', host: '192.0.2.1' },
    { name: 'b', host },
  ],
});
const proxy = (outboundProxy: string, more = {}) => ({ identity: { outboundProxy }, ...more });
const limit = (trunks: number): Parts => ({
  organizations: [organization({ limits: { trunks } })],
  trunks: [trunk('older', {}, 1), trunk('tata', {}, 2)],
});

const OUT = 'spec.credentialsSecretRef';
const IN = 'spec.inbound.auth.secretRef';
const HOST = 'spec.servers.host';
const PROXY = 'spec.identity.outboundProxy';

it.each<[string, Record<string, unknown>, Parts, [reason: string, field?: string] | undefined]>([
  ['with a server alone', {}, {}, undefined],
  ['that is on', { enabled: true }, {}, undefined],
  ['that is off', { enabled: false }, {}, ['Disabled']],
  ['within the limit', {}, limit(2), undefined],
  ['above the limit', {}, limit(1), ['LimitExceeded']],
  ['above the limit that is off: the limit comes first', { enabled: false }, limit(1), ['LimitExceeded']],
  [
    'that is off and wrong: the mistake comes first',
    { enabled: false, transport: 'TLS' },
    {},
    ['NotImplementedYet', 'spec.transport'],
  ],

  ['that registers as nobody', REGISTER, {}, ['CredentialsRequired', OUT]],
  ['that says it does not register', { register: { enabled: false } }, {}, undefined],
  ['that registers as the user of From', { ...REGISTER, identity: { fromUser: '123' } }, {}, undefined],
  ['that registers with a login', { ...REGISTER, ...LOGIN }, login(GOOD), undefined],

  ['without the Secret', LOGIN, {}, ['SecretNotFound', OUT]],
  ['without a user name', LOGIN, login({ password: 'pw' }), ['SecretNotFound', OUT]],
  ['with an empty user name', LOGIN, login({ username: '', password: 'pw' }), ['SecretNotFound', OUT]],
  ['without a password', LOGIN, login({ username: 'acme' }), ['SecretNotFound', OUT]],
  ['with an empty password', LOGIN, login({ ...GOOD, password: '' }), undefined],
  ['with a password of 128 characters', LOGIN, login({ ...GOOD, password: 'x'.repeat(128) }), undefined],
  ['with a password of 129 characters', LOGIN, login({ ...GOOD, password: 'x'.repeat(129) }), ['InvalidPassword', OUT]],
  ['with a password that ends with a blank', LOGIN, login({ ...GOOD, password: 'pw ' }), ['InvalidPassword', OUT]],
  ['with a password that ends with a backslash', LOGIN, login({ ...GOOD, password: 'pw\\' }), ['InvalidPassword', OUT]],
  ['with a password that has a backslash inside', LOGIN, login({ ...GOOD, password: 'p\\w' }), undefined],
  ['with a user name that is an address', LOGIN, login({ ...GOOD, username: '+91804@ims.example' }), undefined],
  ['with a user name with a blank', LOGIN, login({ ...GOOD, username: 'ac me' }), ['InvalidSecret', OUT]],
  ['with a user name with a semicolon', LOGIN, login({ ...GOOD, username: 'a;b' }), ['InvalidSecret', OUT]],
  ['with a user name without a domain after @', LOGIN, login({ ...GOOD, username: 'acme@' }), ['InvalidSecret', OUT]],
  ['with a user name of 129 characters', LOGIN, login({ ...GOOD, username: 'x'.repeat(129) }), ['InvalidSecret', OUT]],
  ['with a realm', LOGIN, login({ ...GOOD, realm: 'a realm' }), undefined],
  ['with an empty realm', LOGIN, login({ ...GOOD, realm: '' }), undefined],
  ['with a realm that begins with a blank', LOGIN, login({ ...GOOD, realm: ' a' }), ['InvalidSecret', OUT]],

  ['of a carrier that logs in', INBOUND, login(GOOD), undefined],
  ['of a carrier without the Secret', INBOUND, {}, ['SecretNotFound', IN]],
  ['of a carrier with an empty password', INBOUND, login({ ...GOOD, password: '' }), ['SecretNotFound', IN]],
  ['with both wrong: our own login comes first', { ...LOGIN, ...INBOUND }, {}, ['SecretNotFound', OUT]],

  ['by TCP', { transport: 'TCP' }, {}, undefined],
  ['by TLS', { transport: 'TLS' }, {}, ['NotImplementedYet', 'spec.transport']],

  ['whose second server has a name', server('sip.carrier.example'), {}, undefined],
  ['whose second server has an address', server('198.51.100.7'), {}, undefined],
  ['whose second server has three numbers', server('192.0.2'), {}, ['InvalidAddress', HOST]],
  ['whose second server has a number that is too large', server('192.0.2.256'), {}, ['InvalidAddress', HOST]],

  ['by a proxy', proxy('p.example'), {}, undefined],
  ['by a proxy that cannot be read', proxy('p.example;maddr=192.0.2.7'), {}, ['InvalidProxy', PROXY]],
  ['by UDP to a proxy by UDP', proxy('p.example;transport=udp', { transport: 'UDP' }), {}, undefined],
  ['by TCP to a proxy by TCP', proxy('p.example;transport=tcp', { transport: 'TCP' }), {}, undefined],
  ['by TCP to a proxy by UDP', proxy('p.example;transport=udp', { transport: 'TCP' }), {}, ['InvalidProxy', PROXY]],
])('a trunk %s', (_what, spec, parts, expected) => {
  const found = refusal(trunk('tata', spec, 2), indexOf(parts));

  expect([found?.reason, found?.field]).toEqual([expected?.[0], expected?.[1]]);
});

it.each([
  ['password', { ...GOOD, password: 'hunter2 ' }, 'hunter2'],
  ['user name', { ...GOOD, username: 'se;cret' }, 'se;cret'],
])('a %s that is wrong is not in the message', (_what, data, text) => {
  const found = refusal(trunk('tata', LOGIN), indexOf(login(data)));

  expect(found?.message).toContain('Secret login');
  expect(found?.message).not.toContain(text);
});

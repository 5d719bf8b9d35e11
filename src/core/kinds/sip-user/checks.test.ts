import { expect, it } from 'vitest';
import { indexOf, location, organization, type Parts, secret, user } from '../../../../test/snapshots.ts';
import type { Claimant } from '../../snapshot.ts';
import { addressViolation, emailTakenElsewhere, refusal } from './checks.ts';

const EMAIL = { email: 'jane@acme.example' };
const older = (spec: Record<string, unknown> = {}, extension = '1002') => user('older', extension, spec, 1);
const asked = (spec: Record<string, unknown>): Parts => ({ organizations: [organization(spec)] });
const london = (spec: Record<string, unknown> = {}) => [location('london', { country: 'GB', ...spec })];
const credentials = (data: Record<string, string>, ownerUid?: string): Parts => ({
  locations: london(),
  secrets: new Map([['jane-sip', { ...secret('jane-sip', data), ...(ownerUid === undefined ? {} : { ownerUid }) }]]),
});
const IN_LONDON = { location: { name: 'london' } };
const EXTENSION = 'spec.extension';

it.each<[string, string, Record<string, unknown>, Parts, [reason: string, field?: string] | undefined]>([
  ['with an extension alone', '1001', {}, {}, undefined],
  ['who is turned off', '1001', { enabled: false }, {}, ['Disabled']],
  [
    'who is turned off and wrong: the mistake comes first',
    '112',
    { enabled: false },
    {},
    ['ReservedExtension', EXTENSION],
  ],
  ['within the limit', '1001', {}, { ...asked({ limits: { users: 2 } }), users: [older()] }, undefined],
  ['above the limit', '1001', {}, { ...asked({ limits: { users: 1 } }), users: [older()] }, ['LimitExceeded']],
  ['with as many digits as may be', '12345678', {}, {}, undefined],
  [
    'with fewer digits than asked for',
    '10',
    {},
    asked({ extensions: { minDigits: 3 } }),
    ['InvalidExtension', EXTENSION],
  ],
  [
    'with a reserved extension',
    '1001',
    {},
    asked({ extensions: { reserved: ['1001'] } }),
    ['ReservedExtension', EXTENSION],
  ],
  ['with the extension of an older user', '1002', {}, { users: [older()] }, ['Conflict', EXTENSION]],

  ['with an emergency number elsewhere', '999', {}, { locations: london() }, undefined],
  [
    'with an emergency number of the Location',
    '999',
    IN_LONDON,
    { locations: london() },
    ['ReservedExtension', EXTENSION],
  ],
  ['with one, who had credentials before', '999', IN_LONDON, credentials({ password: 'x' }, 'uid-jane'), undefined],
  ['with one, whose credentials nobody owns', '999', IN_LONDON, credentials({ password: 'x' }), undefined],
  [
    'with one, and a Secret without a password',
    '999',
    IN_LONDON,
    credentials({}, 'uid-jane'),
    ['ReservedExtension', EXTENSION],
  ],
  [
    'with one, and credentials of an earlier user of that name',
    '999',
    IN_LONDON,
    credentials({ password: 'x' }, 'uid-earlier'),
    ['ReservedExtension', EXTENSION],
  ],

  ['with an e-mail address', '1001', EMAIL, {}, undefined],
  [
    'with an e-mail address in a domain that may be',
    '1001',
    EMAIL,
    asked({ allowed: { emailDomains: ['ACME.example'] } }),
    undefined,
  ],
  [
    'with an e-mail address in another domain',
    '1001',
    EMAIL,
    asked({ allowed: { emailDomains: ['b.example', 'sub.acme.example'] } }),
    ['NotAllowed', 'spec.email'],
  ],
  [
    'without one, where only some domains may be',
    '1001',
    {},
    asked({ allowed: { emailDomains: ['b.example'] } }),
    undefined,
  ],
  ['with that of an older user', '1001', EMAIL, { users: [older(EMAIL)] }, ['Conflict', 'spec.email']],
  [
    'with that of an older user in capitals',
    '1001',
    { email: 'JANE@ACME.example' },
    { users: [older(EMAIL)] },
    ['Conflict', 'spec.email'],
  ],

  ['whose Secret is of somebody else', '1001', {}, { unmanagedSecretNames: new Set(['jane-sip']) }, ['NameTaken']],
  ['beside a Secret of another name', '1001', {}, { unmanagedSecretNames: new Set(['jane']) }, undefined],
])('a user %s', (_what, extension, spec, { users = [], ...parts }, expected) => {
  const jane = user('jane', extension, spec, 5);
  const found = refusal(jane, indexOf({ ...parts, users: [...users, jane] }));

  expect([found?.reason, found?.field]).toEqual([expected?.[0], expected?.[1]]);
});

const claimed = (namespace: string, name: string): Parts => {
  const holder: Claimant = { kind: 'SipUser', namespace, name, uid: name, createdAt: '', standing: 0 };
  return { claims: { emails: new Map([['jane@acme.example', holder]]), numbers: new Map(), domains: new Map() } };
};

it.each<[string, Record<string, unknown>, Parts, boolean]>([
  ['nobody', EMAIL, {}, false],
  ['the user', EMAIL, claimed('acme', 'jane'), false],
  ['another user here, whom another check finds', EMAIL, claimed('acme', 'john'), false],
  ['another tenant', EMAIL, claimed('beta', 'jane'), true],
  ['another tenant, in capitals', { email: 'JANE@acme.example' }, claimed('beta', 'jane'), true],
  ['another tenant, and the user has none', {}, claimed('beta', 'jane'), false],
])('an e-mail address that is had by %s', (_what, spec, parts, taken) => {
  const found = emailTakenElsewhere(user('jane', '1001', spec), indexOf(parts));

  expect(found && [found.reason, found.field]).toEqual(taken ? ['Conflict', 'spec.email'] : undefined);
  expect(found?.message ?? '').not.toContain('beta');
});

it.each<[string, string, string | undefined]>([
  ['that is free', 'jane', undefined],
  ['with a meaning in the dialplan', 'hangup', 'ReservedAddress'],
  ['of callers who withhold theirs', 'anonymous', 'ReservedAddress'],
  ['that only begins so', 'anonymous2', undefined],
  ['that is the login of a phone', 'acme_1002', 'ReservedAddress'],
  ['that could become one', 'acme_x', 'ReservedAddress'],
  ['that is the login of another tenant', 'beta_1002', undefined],
  ['of an older user', 'front', 'AddressTaken'],
])('a SIP address %s: %s', (_what, address, reason) => {
  const jane = user('jane', '1001', { sip: { address } }, 5);
  const index = indexOf({ users: [older({ sip: { address: 'front' } }), jane] });
  const found = addressViolation(jane, address, index);

  expect(found && [found.reason, found.field]).toEqual(reason && [reason, 'spec.sip.address']);
});

it('the older of two users keeps the address', () => {
  const first = older({ sip: { address: 'front' } });
  const index = indexOf({ users: [first, user('jane', '1001', { sip: { address: 'front' } }, 5)] });

  expect(addressViolation(first, 'front', index)).toBeUndefined();
});

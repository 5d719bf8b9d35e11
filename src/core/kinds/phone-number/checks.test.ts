import { expect, it } from 'vitest';
import { indexOf, organization, type Parts, phoneNumber, trunk } from '../../../../test/snapshots.ts';
import { firstFinding } from '../../finding.ts';
import type { Claimant, Claims } from '../../snapshot.ts';
import { CHECKS, trunkNotServed } from './checks.ts';

const NUMBER = '+442079460000';
const main = phoneNumber('main', NUMBER, { trunk: { name: 'tata' } }, 5);
const OLDER = phoneNumber('older', '+442079460001', {}, 1);

function claimed(namespace: string, name: string): Claims {
  const holder: Claimant = { kind: 'PhoneNumber', namespace, name, uid: name, createdAt: '', standing: 0 };
  return { emails: new Map(), numbers: new Map([[NUMBER, holder]]), domains: new Map() };
}

const allowed = (...numbers: string[]) => ({ organizations: [organization({ allowed: { numbers } })] });
const limit = (phoneNumbers: number, more = {}) => [organization({ limits: { phoneNumbers }, ...more })];

it.each<[string, Parts, { reason: string; field?: string } | undefined]>([
  ['is in service where nothing restricts it', {}, undefined],
  ['is one of those that the provider gave', allowed('+491', NUMBER), undefined],
  ['is of a block that the provider gave', allowed('+4420*'), undefined],
  [
    'is not among those that the provider gave',
    allowed('+4421*', '+491'),
    { reason: 'NotAllowed', field: 'spec.number' },
  ],
  ['only begins like one that the provider gave', allowed('+4420'), { reason: 'NotAllowed', field: 'spec.number' }],
  ['is of an Organization that was given none', allowed(), { reason: 'NotAllowed', field: 'spec.number' }],
  ['is claimed by itself', { claims: claimed('acme', 'main') }, undefined],
  ['belongs to another object', { claims: claimed('acme', 'older') }, { reason: 'Conflict', field: 'spec.number' }],
  ['belongs to another tenant', { claims: claimed('beta', 'main') }, { reason: 'Conflict', field: 'spec.number' }],
  ['comes over a trunk that is not there', { trunks: [] }, { reason: 'ReferenceNotFound', field: 'spec.trunk' }],
  ['comes over a trunk that is off', { trunks: [trunk('tata', { enabled: false })] }, undefined],
  ['is within the limit', { organizations: limit(2), numbers: [OLDER, main] }, undefined],
  ['is above the limit', { organizations: limit(1), numbers: [OLDER, main] }, { reason: 'LimitExceeded' }],
  [
    'is above the limit and not allowed: the limit comes first',
    { organizations: limit(1, { allowed: { numbers: [] } }), numbers: [OLDER, main] },
    { reason: 'LimitExceeded' },
  ],
  [
    'is not allowed and taken: whether it is allowed comes first',
    { ...allowed(), claims: claimed('beta', 'main') },
    { reason: 'NotAllowed', field: 'spec.number' },
  ],
])('a number that %s', (_what, parts, expected) => {
  const found = firstFinding(CHECKS, main, indexOf({ trunks: [trunk('tata')], numbers: [main], ...parts }));

  expect(found && { reason: found.reason, ...(found.field && { field: found.field }) }).toEqual(expected);
});

it('does not name the tenant that has the number', () => {
  const found = firstFinding(
    CHECKS,
    main,
    indexOf({ trunks: [trunk('tata')], claims: claimed('beta', 'secret-plan') }),
  );

  expect(found?.message).toContain('belongs to another organization of this platform');
  expect(found?.message).not.toMatch(/beta|secret-plan/);
});

it.each<[string, Record<string, unknown>, Parts, string | undefined]>([
  ['none', {}, {}, undefined],
  ['one in service', { trunk: { name: 'tata' } }, { trunks: [trunk('tata')] }, undefined],
  ['one that is off', { trunk: { name: 'tata' } }, { trunks: [trunk('tata', { enabled: false })] }, '(Disabled)'],
  [
    'one that is refused',
    { trunk: { name: 'tata' } },
    { trunks: [trunk('tata', { register: { enabled: true } })] },
    '(CredentialsRequired)',
  ],
])('the trunk of a number: %s', (_what, spec, parts, why) => {
  const found = trunkNotServed(phoneNumber('main', NUMBER, spec), indexOf(parts));

  expect(found.map(({ reason, field }) => [reason, field])).toEqual(
    why === undefined ? [] : [['ReferenceNotReady', 'spec.trunk']],
  );
  expect(found[0]?.message ?? '').toContain(why ?? '');
});

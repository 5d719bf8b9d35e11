import { expect, it } from 'vitest';
import { organization, phoneNumber, snapshot, trunk, user } from '../../../test/snapshots.ts';
import { evaluate } from '../evaluation.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';
import { overLimit } from './over-limit.ts';

const numbers = [1, 2, 3].map(age => phoneNumber(`n${age}`, `+44207946000${age}`, {}, age));

function indexWith(phoneNumbers: number): TenantIndex {
  const { index } = evaluate(snapshot({ organizations: [organization({ limits: { phoneNumbers } })], numbers }));
  if (!index) throw new Error('no tenant');
  return index;
}

it.each([
  [0, ['n1', 'n2', 'n3']],
  [1, ['n2', 'n3']],
  [3, []],
  [9, []],
])('with a limit of %i refuses all but the oldest: %j', (limit, refused) => {
  const index = indexWith(limit);

  const problems = numbers.map(number => overLimit('PhoneNumber', 'phone numbers')(number, index));

  expect(numbers.filter((_, at) => problems[at]).map(({ metadata }) => metadata.name)).toEqual(refused);
});

it('says the limit and the field, and how many are older where that is asked for', () => {
  const index = indexWith(1);
  const [, young] = numbers;
  if (!young) throw new Error('no number');

  expect(overLimit('PhoneNumber', 'phone numbers')(young, index)).toEqual({
    reason: 'LimitExceeded',
    message:
      'The organization may have 1 phone numbers; delete one, or ask the provider to raise spec.limits.phoneNumbers of the Organization',
  });
  expect(overLimit('PhoneNumber', 'numbers', { saysOlder: true })(young, index)?.message).toBe(
    'The organization may have 1 numbers and 1 older ones exist; delete one, or ask the provider to raise spec.limits.phoneNumbers of the Organization',
  );
});

it('counts each kind for itself', () => {
  const limits = { users: 1, trunks: 1 };
  const [jane, tata] = [user('jane', '1001', {}, 2), trunk('tata', {}, 3)];
  const { index } = evaluate(snapshot({ organizations: [organization({ limits })], users: [jane], trunks: [tata] }));

  expect(index && overLimit('SipUser', 'users')(jane, index)).toBeUndefined();
  expect(index && overLimit('Trunk', 'trunks')(tata, index)).toBeUndefined();
});

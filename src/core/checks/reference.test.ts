import { expect, it } from 'vitest';
import { location, phoneNumber, snapshot, trunk, user } from '../../../test/snapshots.ts';
import { evaluate } from '../evaluation.ts';
import { referenceMissing } from './reference.ts';

const { index } = evaluate(
  snapshot({
    users: [user('jane', '1001')],
    trunks: [trunk('tata')],
    numbers: [phoneNumber('main', '+442079460000')],
    locations: [location('london', { country: 'GB' })],
  }),
);

it.each([
  ['no reference at all', 'Trunk', undefined, undefined],
  ['a Trunk that exists', 'Trunk', 'tata', undefined],
  ['a Trunk that does not', 'Trunk', 'jio', 'spec.x: there is no Trunk jio in this namespace'],
  ['a Trunk by the name of a SipUser', 'Trunk', 'jane', 'spec.x: there is no Trunk jane in this namespace'],
  ['a SipUser that exists', 'SipUser', 'jane', undefined],
  ['a PhoneNumber that exists', 'PhoneNumber', 'main', undefined],
  ['a Location that does not', 'Location', 'paris', 'spec.x: there is no Location paris in this namespace'],
  ['the name of a member that all objects have', 'Location', 'constructor', 'there is no Location constructor'],
] as const)('%s', (_what, kind, name, words) => {
  if (!index) throw new Error('no tenant');
  const violation = referenceMissing(kind, name === undefined ? undefined : { name }, 'spec.x', index);

  expect(violation?.reason).toBe(words === undefined ? undefined : 'ReferenceNotFound');
  if (words !== undefined) expect(violation?.message).toContain(words);
});

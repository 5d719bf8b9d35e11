import { expect, it } from 'vitest';
import { indexOf, organization, type Parts, phoneNumber, trunk, user } from '../../../../test/snapshots.ts';
import { FALLBACK } from '../../checks/destination.ts';
import { evaluateNumber } from './resolve.ts';

const toJane = { destination: { user: { name: 'jane' } } };
const jane = user('jane', '1001');

interface Outcome {
  readonly word?: string;
  readonly violation?: string;
  readonly degradations?: readonly string[];
  readonly notices?: readonly string[];
}

it.each<[string, Record<string, unknown>, Parts, Outcome]>([
  ['to a user', toJane, { users: [jane] }, { word: 'user:1001' }],
  ['without a destination is a caller ID only', {}, {}, { notices: ['NoDestination'] }],
  [
    'to a user who is not there answers "unavailable"',
    toJane,
    {},
    { word: FALLBACK, degradations: ['ReferenceNotFound'] },
  ],
  [
    'over a trunk that is off can still be dialled from inside',
    { ...toJane, trunk: { name: 'tata' } },
    { users: [jane], trunks: [trunk('tata', { enabled: false })] },
    { word: 'user:1001', degradations: ['ReferenceNotReady'] },
  ],
  [
    'with both mistakes reports both',
    { ...toJane, trunk: { name: 'tata' } },
    { trunks: [trunk('tata', { enabled: false })] },
    { word: FALLBACK, degradations: ['ReferenceNotReady', 'ReferenceNotFound'] },
  ],
  [
    'that is refused leads nowhere, and reports nothing else',
    { ...toJane, trunk: { name: 'tata' } },
    {
      organizations: [organization({ allowed: { numbers: [] } })],
      trunks: [trunk('tata', { enabled: false })],
    },
    { violation: 'NotAllowed' },
  ],
  [
    'with a field to come reports it beside the rest',
    { country: 'GB' },
    {},
    { notices: ['NotImplementedYet', 'NoDestination'] },
  ],
])('a number %s', (_what, spec, parts, { word, violation, degradations = [], notices = [] }) => {
  const number = phoneNumber('main', '+442079460000', spec);
  const found = evaluateNumber(number, indexOf({ ...parts, numbers: [number] }));

  expect(found.object).toBe(number);
  expect(found.resolved?.word).toBe(word);
  expect(found.violation?.reason).toBe(violation);
  expect(found.degradations.map(({ reason }) => reason)).toEqual(degradations);
  expect(found.notices.map(({ reason }) => reason)).toEqual(notices);
});

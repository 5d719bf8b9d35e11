import { expect, it } from 'vitest';
import { readiness } from './conditions.ts';

const later = { reason: 'NotImplementedYet', message: 'spec.a has no effect' };
const one = { reason: 'SourcesUnknown', message: 'Nobody knows' };
const two = { reason: 'UnsupportedCodec', message: 'Not offered' };

it('says of a working object what deserves a look, apart from what is to come, and leaves it ready', () => {
  const wanted = readiness(undefined, [later, one, two], { yes: true });

  expect(wanted).toEqual([
    { type: 'Ready', status: 'True', reason: 'Loaded', message: '' },
    { type: 'NotImplementedYet', status: 'True', reason: 'FieldHasNoEffect', message: 'spec.a has no effect' },
    { type: 'Warning', status: 'True', reason: 'SourcesUnknown', message: 'Nobody knows; Not offered' },
  ]);
});

it.each([
  ['refused', { reason: 'Conflict', message: 'Taken' }, { yes: true } as const],
  ['on its way', undefined, { yes: false, reason: 'Loading', message: 'On its way' } as const],
])('says it of one that is %s, too', (_what, violation, loaded) => {
  expect(readiness(violation, [one], loaded).map(({ type }) => type)).toContain('Warning');
});

it('has nothing to say of an object without notes', () => {
  expect(readiness(undefined, [], { yes: true })).toHaveLength(1);
});

import { expect, it } from 'vitest';
import { location, organization, snapshot } from '../../../test/snapshots.ts';
import { evaluate } from '../evaluation.ts';
import { emergencyNumber, extensionLength, extensionReserved } from './reserved.ts';

interface Desk {
  readonly extension: string;
  readonly at?: string;
}

const extensionOf = ({ extension }: Desk): string => extension;
const { index } = evaluate(
  snapshot({
    organizations: [
      organization({ location: { country: 'DE' }, extensions: { minDigits: 3, maxDigits: 4, reserved: ['1000'] } }),
    ],
    locations: [location('london', { country: 'GB' })],
  }),
);
if (!index) throw new Error('no tenant');

it.each([
  [
    '12',
    'Extension 12 has 2 digits, but the Organization asks for 3 to 4; choose another, or change its spec.extensions',
  ],
  ['123', undefined],
  ['1234', undefined],
  [
    '12345',
    'Extension 12345 has 5 digits, but the Organization asks for 3 to 4; choose another, or change its spec.extensions',
  ],
])('length: %s', (extension, message) => {
  expect(extensionLength(extensionOf)({ extension }, index)?.message).toBe(message);
});

it.each<[string, Desk, string | undefined]>([
  ['of the list of the Organization', { extension: '1000' }, 'reserved by the Organization'],
  ['that is free', { extension: '1001' }, undefined],
  ['that is an emergency number where the Organization is', { extension: '110' }, 'emergency number here'],
  ['that is an emergency number everywhere', { extension: '112', at: 'london' }, 'emergency number of Location london'],
  ['that is an emergency number at the Location of its own', { extension: '999', at: 'london' }, 'of Location london'],
  ['that is an emergency number somewhere else only', { extension: '110', at: 'london' }, undefined],
])('an extension %s', (_what, desk, words) => {
  const check = extensionReserved(extensionOf, { locationOf: ({ at }) => at });

  const violation = check(desk, index);

  expect(violation?.reason).toBe(words === undefined ? undefined : 'ReservedExtension');
  if (words !== undefined) expect(violation?.message).toContain(words);
});

it('lets one that was in service before be an emergency number, and not one of the list', () => {
  const check = extensionReserved(extensionOf, { mayBeEmergencyNumber: () => true });

  expect(check({ extension: '110' }, index)).toBeUndefined();
  expect(check({ extension: '1000' }, index)?.reason).toBe('ReservedExtension');
  expect(emergencyNumber('110', undefined, index)?.reason).toBe('ReservedExtension');
});

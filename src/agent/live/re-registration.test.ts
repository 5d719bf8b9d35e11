import { expect, it } from 'vitest';
import type { TrunkReport } from '../../api/report.ts';
import { turned } from './re-registration.ts';

const trunk = (reachable: TrunkReport['reachable']): TrunkReport => ({ registration: 'Registered', reachable });

it.each([
  ['Reachable', 'Unreachable', true],
  ['Unreachable', 'Reachable', true],
  ['Unknown', 'Reachable', true],
  ['Reachable', 'Unknown', false],
  ['Reachable', 'Reachable', false],
] as const)('registers anew after %s → %s: %s', (before, now, anew) => {
  expect(turned({ t: trunk(before) }, { t: trunk(now) })).toEqual(anew ? ['t'] : []);
});

it('leaves one alone of which nothing was known before', () => {
  expect(turned({}, { t: trunk('Reachable') })).toEqual([]);
});

import { expect, it } from 'vitest';
import { organization, settle, snapshot, user } from '../../../test/snapshots.ts';
import { COUNTRIES, numberingPlan } from './plan.ts';

it.each([
  ['IN', '[0]…', '00…'],
  ['DE', '0…', '00…'],
  ['US', '[1]…', '011…'],
  ['AU', '0…', '0011…'],
  ['JP', '0…', '010…'],
  ['HK', '…', '001…'],
  ['RU', '8…', '810…'],
  ['HU', '06…', '00…'],
  ['IT', '…', '00…'],
])('a user’s status says how to dial out in %s', (country, national, international) => {
  const before = snapshot({ organizations: [organization({ location: { country } })], users: [user('jane', '1001')] });
  const jane = settle(before).plan.statuses.find(({ kind }) => kind === 'SipUser');

  expect(jane?.status).toMatchObject({ dialPatterns: { national, international } });
});

it('knows every country, and none that is none', () => {
  expect(COUNTRIES.length).toBeGreaterThan(240);
  for (const country of COUNTRIES) {
    const plan = numberingPlan(country);
    expect(plan?.callingCode, country).toMatch(/^[1-9][0-9]{0,2}$/);
    expect(plan?.internationalPrefix, country).toMatch(/^[0-9]{1,4}$/);
    expect(plan?.valid.length, country).toBeGreaterThan(0);
  }
  for (const text of ['', 'XX', 'in', '__proto__', 'constructor']) expect(numberingPlan(text)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { indexOf, location, organization, type Parts, phoneNumber, trunk, user } from '../../../../test/snapshots.ts';
import { areaElsewhere, CHECKS } from './checks.ts';

const IN_GERMANY = organization({ location: { country: 'DE' }, allowed: { numbers: ['+44*'] } });
const EMERGENCY = { trunk: { name: 'tata' }, callerId: { name: 'main' } };
const main = phoneNumber('main', '+442079460000');
const at = { location: { name: 'london' } };

function findings(emergency: Record<string, unknown> | undefined, parts: Parts) {
  const london = location('london', { country: 'GB', ...(emergency && { emergency }) });
  const index = indexOf({ organizations: [IN_GERMANY], locations: [london], ...parts });
  return CHECKS.flatMap(check => check(london, index) ?? []).map(({ reason, field }) => `${reason} ${field}`);
}

const NO_TRUNK = 'ReferenceNotFound spec.emergency.trunk';
const NO_NUMBER = 'ReferenceNotFound spec.emergency.callerId';
const TRUNK_OFF = 'ReferenceNotReady spec.emergency.trunk';
const NUMBER_OFF = 'ReferenceNotReady spec.emergency.callerId';
const SHADOWED = 'ReservedExtension spec.emergency.numbers';

it.each<[string, Record<string, unknown> | undefined, Parts, string[]]>([
  ['that asks for nothing', undefined, {}, []],
  ['whose trunk and number are in service', EMERGENCY, { trunks: [trunk('tata')], numbers: [main] }, []],
  ['whose trunk is not there', { trunk: { name: 'gone' } }, { trunks: [trunk('tata')] }, [NO_TRUNK]],
  ['whose trunk is off', { trunk: { name: 'tata' } }, { trunks: [trunk('tata', { enabled: false })] }, [TRUNK_OFF]],
  ['whose number is not there', { callerId: { name: 'gone' } }, { numbers: [main] }, [NO_NUMBER]],
  [
    'whose number the provider did not give',
    { callerId: { name: 'foreign' } },
    { numbers: [phoneNumber('foreign', '+4930123456')] },
    [NUMBER_OFF],
  ],
  ['without both: every mistake is reported', EMERGENCY, {}, [NO_TRUNK, NO_NUMBER]],
  [
    'where a user cannot call an extension that is an emergency number',
    undefined,
    { users: [user('ann', '999'), user('bob', '1001', at)] },
    [SHADOWED],
  ],
  ['that nobody is at', undefined, { users: [user('ann', '999'), user('bob', '1001')] }, []],
  [
    'of the Organization, where users are who name none',
    undefined,
    {
      organizations: [organization({ location: { name: 'london' } })],
      users: [user('ann', '999', {}), user('bob', '1001')],
    },
    [SHADOWED],
  ],
  [
    'whose own numbers replace those of the country',
    { numbers: ['333'] },
    { users: [user('ann', '999'), user('bob', '1001', at)] },
    [],
  ],
  [
    'whose own number is an extension',
    { numbers: ['333'] },
    { users: [user('ann', '333'), user('bob', '1001', at)] },
    [SHADOWED],
  ],
  [
    'with an emergency number that the Organization gives to an extension',
    undefined,
    {
      organizations: [organization({ location: { country: 'DE' }, extensions: { overEmergency: ['999'] } })],
      users: [user('ann', '999'), user('bob', '1001', at)],
    },
    [],
  ],
])('a Location %s', (_what, emergency, parts, expected) => {
  expect(findings(emergency, parts)).toEqual(expected);
});

it.each([
  ['999', '999 (SipUser ann)', true],
  ['112', '112 (SipUser ann)', false],
])('names who has the extension %s, and the field only where it helps', (extension, who, helps) => {
  const london = location('london', { country: 'GB' });
  const index = indexOf({ locations: [london], users: [user('ann', extension), user('bob', '1001', at)] });
  const [found] = CHECKS.flatMap(check => check(london, index) ?? []);

  expect(found?.message).toContain(`who dial ${who} make an emergency call`);
  expect(found?.message.includes('or set spec.emergency.numbers')).toBe(helps);
});

it.each([
  ['in the country of the Organization', 'DE', '30', 'DE', []],
  ['in another country', 'GB', '20', 'DE', ['spec.areaCode']],
  ['where the Organization has no country', 'GB', '20', undefined, ['spec.areaCode']],
  ['that is empty, in another country', 'GB', '', 'DE', []],
  ['that is absent, in another country', 'GB', undefined, 'DE', []],
])('an area code %s', (_what, country, areaCode, home, fields) => {
  const place = location('place', { country, ...(areaCode === undefined ? {} : { areaCode }) });
  const { tenant } = indexOf({
    organizations: [organization(home === undefined ? {} : { location: { country: home } })],
  });

  const found = areaElsewhere(place, tenant);

  expect(found.map(({ field }) => field)).toEqual(fields);
  for (const { reason, message } of found) {
    expect(reason).toBe('NotImplementedYet');
    expect(message).toContain(`(${home ?? 'none'})`);
  }
});

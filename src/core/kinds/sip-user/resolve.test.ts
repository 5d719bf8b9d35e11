import { describe, expect, it } from 'vitest';
import { indexOf, location, organization, type Parts, phoneNumber, trunk, user } from '../../../../test/snapshots.ts';
import { FALLBACK } from '../../checks/destination.ts';
import { effectiveSpec } from '../../tenant.ts';
import { labelOf, type ResolvedUser, resolve } from './resolve.ts';

const bob = user('bob', '1002', {}, 2);
const TO_BOB = { user: { name: 'bob' } };
const TO_NOBODY = { user: { name: 'gone' } };
const NO_MAILBOX = { voicemail: { enabled: false } };

function resolved(spec: Record<string, unknown>, parts: Parts = {}) {
  const jane = user('jane', '1001', spec, 5);
  const index = indexOf({ ...parts, users: [jane, bob] });
  const found = resolve(jane, effectiveSpec(jane, index.tenant), 'a-password', index);
  return { one: found.resolved as ResolvedUser, reasons: found.degradations.map(({ reason }) => reason) };
}

describe('calls that a user does not take', () => {
  it.each<[string, Record<string, unknown>, [noAnswer: string, busy: string, offline: string], string[]]>([
    ['go to the mailbox', {}, ['voicemail:1001', 'voicemail:1001', ''], []],
    ['hear what happened, without a mailbox', NO_MAILBOX, [FALLBACK, 'hangup:17', ''], []],
    ['go where the user says', { ring: { onNoAnswer: TO_BOB } }, ['user:1002', 'user:1002', ''], []],
    ['go elsewhere when busy', { ring: { onBusy: TO_BOB } }, ['voicemail:1001', 'user:1002', ''], []],
    [
      'go elsewhere without a phone',
      { ring: { unreachable: { destination: TO_BOB } } },
      ['voicemail:1001', 'voicemail:1001', 'user:1002'],
      [],
    ],
    [
      'to nobody are "unavailable", and that is said once',
      { ring: { onNoAnswer: TO_NOBODY } },
      [FALLBACK, FALLBACK, ''],
      ['ReferenceNotFound'],
    ],
    [
      'to nobody when busy go to the mailbox otherwise',
      { ring: { onBusy: TO_NOBODY } },
      ['voicemail:1001', FALLBACK, ''],
      ['ReferenceNotFound'],
    ],
  ])('%s', (_what, spec, words, expected) => {
    const { one, reasons } = resolved(spec);

    expect([one.onNoAnswer, one.onBusy, one.onOffline]).toEqual(words);
    expect(reasons).toEqual(expected);
  });
});

describe('the classes that a user may dial', () => {
  const dial = (...names: string[]) => ({ permissions: { dial: names } });

  it.each<[string, Record<string, unknown>, 'Allow' | 'Deny', string, string[]]>([
    ['by default', {}, 'Deny', 'INSW', []],
    ['by default, where premium may be', {}, 'Allow', 'INPSW', []],
    ['inside', dial('Internal'), 'Allow', 'I', []],
    ['none, and still inside', dial(), 'Allow', 'I', []],
    ['national', dial('National'), 'Allow', 'INS', []],
    ['the world alone', dial('International'), 'Allow', 'IW', []],
    ['service', dial('Service'), 'Allow', 'IS', []],
    ['premium, where it may be', dial('National', 'Premium'), 'Allow', 'INPS', []],
    ['premium, where it may not be', dial('National', 'Premium'), 'Deny', 'INS', ['NotAllowed']],
    ['all and premium, where it may not be', dial('All', 'Premium'), 'Deny', 'INSW', ['NotAllowed']],
  ])('%s', (_what, spec, premium, letters, expected) => {
    const { one, reasons } = resolved(spec, { organizations: [organization({ dialing: { premium } })] });

    expect(one.dial).toBe(letters);
    expect(reasons).toEqual(expected);
  });
});

describe('the Location of a user', () => {
  const IN_LONDON = { location: { name: 'london' } };
  const emergency = { trunk: { name: 'tata' }, callerId: { name: 'main' } };
  const main = phoneNumber('main', '+442079460000');
  const london = location('london', { country: 'GB', areaCode: '20', emergency });
  const all: Parts = { locations: [london], trunks: [trunk('tata')], numbers: [main] };
  const at = (country: string) => ({ organizations: [organization({ location: { country } })] });

  it.each<[string, Record<string, unknown>, Parts, readonly string[], string[]]>([
    ['none', {}, all, ['em', '', '', ''], []],
    ['their own', IN_LONDON, { ...all, ...at('GB') }, ['em-london', 'tata', '+442079460000', '20'], []],
    ['one in another country', IN_LONDON, { ...all, ...at('DE') }, ['em-london', 'tata', '+442079460000', ''], []],
    [
      'that of the Organization',
      {},
      { ...all, organizations: [organization({ location: { name: 'london' } })] },
      ['em-london', 'tata', '+442079460000', '20'],
      [],
    ],
    ['one that is not there', IN_LONDON, {}, ['em', '', '', ''], ['ReferenceNotFound']],
    [
      'one whose trunk is off',
      IN_LONDON,
      { ...all, trunks: [trunk('tata', { enabled: false })] },
      ['em-london', '', '+442079460000', ''],
      [],
    ],
    [
      'one whose number is not there',
      IN_LONDON,
      { ...all, numbers: [] },
      ['em-london', 'tata', '', ''],
      ['ReferenceNotFound'],
    ],
  ])('%s', (_what, spec, parts, expected, wrong) => {
    const { one, reasons } = resolved(spec, parts);

    expect([one.emergencyNumbers, one.emergencyTrunk, one.emergencyCallerId, one.areaCode]).toEqual(expected);
    expect(reasons).toEqual(wrong);
  });
});

it.each<[string, Record<string, unknown>, Record<string, unknown>, string, string[]]>([
  ['none', {}, {}, '', []],
  ['their own', { callerId: { default: { name: 'own' } } }, { callerId: { default: { name: 'main' } } }, '+4420', []],
  ['that of the Organization', {}, { callerId: { default: { name: 'main' } } }, '+4430', []],
  ['one that is not there', { callerId: { default: { name: 'gone' } } }, {}, '', ['ReferenceNotFound']],
])('the number that a user shows: %s', (_what, spec, organizationSpec, shown, wrong) => {
  const numbers = [phoneNumber('own', '+442079460000'), phoneNumber('main', '+443079460000')];
  const { one, reasons } = resolved(spec, { organizations: [organization(organizationSpec)], numbers });

  expect(one.callerId.slice(0, 5)).toBe(shown);
  expect(reasons).toEqual(wrong);
});

it.each([
  [{ fullName: 'Jane Doe', firstName: 'J' }, 'Jane Doe'],
  [{ fullName: undefined, firstName: 'Jane', lastName: 'Doe' }, 'Jane Doe'],
  [{ fullName: undefined, lastName: 'Doe' }, 'Doe'],
  [{ fullName: undefined }, ''],
])('the label of %j is "%s"', (spec, label) => {
  const jane = user('jane', '1001');

  expect(labelOf({ ...jane, spec: { extension: '1001', ...spec } as typeof jane.spec })).toBe(label);
});

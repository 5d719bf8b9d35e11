import { describe, expect, it } from 'vitest';
import { organization, phoneNumber, snapshot, user } from '../../../test/snapshots.ts';
import type { Destination } from '../../api/index.ts';
import { evaluate } from '../evaluation.ts';
import type { Finding } from '../finding.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';
import { resolveDestination, resolveNumber } from './destination.ts';

function indexWith(spec: Record<string, unknown> = {}): TenantIndex {
  const { index } = evaluate(
    snapshot({
      organizations: [organization({ allowed: { numbers: ['+44*'] }, ...spec })],
      users: [
        user('jane', '1001'),
        user('off', '1002', { enabled: false }),
        user('young', '1001', {}, 9),
        user('quiet', '1004', { voicemail: { enabled: false } }),
      ],
      numbers: [phoneNumber('main', '+442079460000'), phoneNumber('foreign', '+4930123456')],
    }),
  );
  if (!index) throw new Error('no tenant');
  return index;
}

describe('a destination', () => {
  const index = indexWith();

  it.each<[Destination, string]>([
    [{ user: { name: 'jane' } }, 'user:1001'],
    [{ voicemail: { name: 'jane' } }, 'voicemail:1001'],
    [{ extension: '1001' }, 'extension:1001'],
    [{ number: '+442079460001' }, 'number:+442079460001'],
    [{ hangup: 'Busy' }, 'hangup:17'],
    [{ hangup: 'Congestion' }, 'hangup:34'],
    [{ hangup: 'Unallocated' }, 'hangup:1'],
    [{ hangup: 'Rejected' }, 'hangup:21'],
    [{ hangup: 'Normal' }, 'hangup:16'],
  ])('%j is the word %s', (destination, word) => {
    expect(resolveDestination(destination, 'spec.x', index)).toEqual({ word });
  });

  it.each<[Destination, string, string]>([
    [{ user: { name: 'gone' } }, 'ReferenceNotFound', 'there is no SipUser gone in this namespace'],
    [{ user: { name: 'off' } }, 'ReferenceNotReady', 'leads to SipUser off, which is not in service (Disabled)'],
    [{ user: { name: 'young' } }, 'ReferenceNotReady', 'whose extension 1001 belongs to SipUser jane'],
    [{ user: { name: 'jane', alias: 'line' } }, 'NotImplementedYet', 'spec.x.user.alias'],
    [{ voicemail: { name: 'gone' } }, 'ReferenceNotFound', 'there is no SipUser gone in this namespace'],
    [{ voicemail: { name: 'quiet' } }, 'ReferenceNotReady', 'the mailbox of SipUser quiet'],
    [{ extension: '4444' }, 'ReferenceNotFound', 'no object of this organization has extension 4444'],
    [{ extension: '1002' }, 'ReferenceNotReady', 'extension 1002 of SipUser off, which is not in service'],
    [{ queue: { name: 'support' } }, 'NotImplementedYet', 'destination queue has no effect in this release'],
  ])('%j is none: %s', (destination, reason, words) => {
    const next = resolveDestination(destination, 'spec.x', index);

    expect(next).toMatchObject({ violation: { reason, message: expect.stringContaining(words) } });
    expect(next).toMatchObject({ violation: { message: expect.stringMatching(/^spec\.x/) } });
  });

  it('is no mailbox where the Organization has no voicemail', () => {
    const next = resolveDestination(
      { voicemail: { name: 'jane' } },
      'spec.x',
      indexWith({ features: { voicemail: false } }),
    );

    expect(next).toMatchObject({ violation: { reason: 'FeatureDisabled' } });
  });
});

it.each([
  ['none', undefined, '', []],
  ['one that is ours', 'main', '+442079460000', []],
  ['one that does not exist', 'gone', '', ['ReferenceNotFound']],
  ['one that the provider did not give', 'foreign', '', ['ReferenceNotReady']],
])('a number to show: %s', (_what, name, shown, reasons) => {
  const degradations: Finding[] = [];

  expect(resolveNumber(name, 'spec.x', indexWith(), degradations)).toBe(shown);
  expect(degradations.map(({ reason }) => reason)).toEqual(reasons);
});

import { describe, expect, it } from 'vitest';
import { statusProblems } from './status-problems.ts';
import type { ShownObject } from './tenant.ts';

type Conditions = Readonly<Record<string, readonly [status: string, reason?: string]>>;

function shown(kind: string, conditions: Conditions, metadata: object = {}): ShownObject {
  return {
    apiVersion: 'ringfleet.io/v1alpha1',
    kind,
    metadata: { name: 'one', ...metadata },
    status: {
      observedGeneration: 1,
      conditions: Object.entries(conditions).map(([type, [status, reason = 'R']]) => ({
        type,
        status,
        reason,
        message: '',
      })),
    },
  };
}

const GOOD = shown('Organization', { Ready: ['True'], EmergencyCalls: ['True'] });

describe('a problem of a tenant', () => {
  it.each<[string, ShownObject, string[]]>([
    ['nothing', shown('SipUser', { Ready: ['True'], Registered: ['False'] }), []],
    ['an Organization that is refused', shown('Organization', { Ready: ['False'], Stalled: ['True'] }), ['down']],
    ['no way for emergency calls', shown('Organization', { Ready: ['True'], EmergencyCalls: ['False'] }), ['down']],
    [
      'carriers that do not answer',
      shown('Organization', { Ready: ['True'], EmergencyCalls: ['Unknown'] }),
      ['warning'],
    ],
    ['a suspension', shown('Organization', { Ready: ['True'], Suspended: ['True'] }), ['down']],
    ['a user who is refused', shown('SipUser', { Ready: ['False'], Stalled: ['True'] }), ['wrong']],
    ['a user who is loading', shown('SipUser', { Ready: ['False'], Reconciling: ['True'] }), ['waiting']],
    ['a user who is disabled', shown('SipUser', { Ready: ['False', 'Disabled'] }), ['note']],
    ['a trunk that is not registered', shown('Trunk', { Ready: ['True'], Registered: ['False'] }), ['wrong']],
    ['a warning', shown('SipUser', { Ready: ['True'], Warning: ['True'] }), ['warning']],
    ['a field without effect', shown('SipUser', { Ready: ['True'], NotImplementedYet: ['True'] }), ['note']],
    ['a change that the operator has not seen', shown('SipUser', { Ready: ['True'] }, { generation: 2 }), ['waiting']],
  ])('%s', (_what, object, levels) => {
    const objects = object.kind === 'Organization' ? [object] : [GOOD, object];

    expect(statusProblems({ namespace: 'one', live: true, objects }).map(({ level }) => level)).toEqual(levels);
  });

  it('stands above all that are less bad, then by object', () => {
    const objects = [
      shown('SipUser', { NotImplementedYet: ['True'] }, { name: 'a' }),
      shown('SipUser', { Ready: ['False'], Stalled: ['True'] }, { name: 'c' }),
      shown('SipUser', { Ready: ['False'], Stalled: ['True'] }, { name: 'b' }),
      shown('Organization', { EmergencyCalls: ['False'] }),
    ];

    expect(statusProblems({ namespace: 'one', live: true, objects }).map(({ object }) => object)).toEqual([
      'Organization/one',
      'SipUser/b',
      'SipUser/c',
      'SipUser/a',
    ]);
  });

  it('is that there is no Organization', () => {
    expect(statusProblems({ namespace: 'one', live: true, objects: [] })).toMatchObject([
      { level: 'down', reason: 'OrganizationMissing' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { IDLE_REPORT, NOW, organization, type Parts, snapshot, user } from '../../../../test/snapshots.ts';
import type { AgentReport } from '../../../api/report.ts';
import type { Loaded } from '../../status/conditions.ts';
import { tenantOf } from '../../tenant.ts';
import { evaluateOrganization } from './resolve.ts';
import { lasting, type OrganizationFacts, organizationStatus } from './status.ts';

const LOADING: Loaded = { yes: false, reason: 'Loading', message: 'not yet' };
const LAST_KNOWN_GOOD: Loaded = { yes: false, reason: 'LastKnownGood', message: 'the newest failed' };

interface Told {
  readonly spec?: Record<string, unknown>;
  readonly status?: unknown;
  readonly parts?: Parts;
  readonly facts?: Partial<OrganizationFacts>;
}

interface Status {
  readonly conditions: readonly { type: string; status: string; reason: string; message: string }[];
  readonly [member: string]: unknown;
}

function statusOf({ spec = {}, status, parts = {}, facts = {} }: Told): Status {
  const one = { ...organization(spec), ...(status === undefined ? {} : { status }) } as ReturnType<typeof organization>;
  const all = snapshot({ organizations: [one], ...parts });
  const evaluated = evaluateOrganization(one, all);
  const tenant = evaluated.tenant ?? tenantOf(one, undefined, []);
  const base = { snapshot: all, tenant, loaded: { yes: true }, roll: { rolling: false }, now: NOW } as const;
  return organizationStatus(one, evaluated, { ...base, ...facts }) as unknown as Status;
}

function condition(type: string, told: Told): string | undefined {
  const found = statusOf(told).conditions.find(one => one.type === type);
  return found && `${found.status} ${found.reason}`;
}

describe('a suspension', () => {
  const spec = { state: 'Suspended' };
  const suspendedBefore = (status: string, observedGeneration: number) => ({
    conditions: [
      { type: 'Suspended', status, reason: 'SpecState', message: '', lastTransitionTime: NOW, observedGeneration },
    ],
  });
  const report = IDLE_REPORT;
  const unready: AgentReport = { ...IDLE_REPORT, ready: false };

  it.each<[string, Told, string | undefined]>([
    ['that nobody asks for', { spec: {} }, undefined],
    ['that the PBX has loaded', { spec, facts: { report } }, 'True SpecState'],
    ['that is on its way', { spec, facts: { report, loaded: LOADING } }, 'False Loading'],
    ['of a PBX that says nothing', { spec, facts: { loaded: LOADING } }, 'Unknown Loading'],
    [
      'during another edit',
      { spec, status: suspendedBefore('True', 1), facts: { report, loaded: LOADING } },
      'True SpecState',
    ],
    [
      'of an older generation',
      { spec, status: suspendedBefore('True', 0), facts: { report, loaded: LOADING } },
      'False Loading',
    ],
    [
      'that never was',
      { spec, status: suspendedBefore('False', 1), facts: { report, loaded: LOADING } },
      'False Loading',
    ],
    [
      'while Asterisk starts again',
      { spec, status: suspendedBefore('True', 1), facts: { report: unready, loaded: LOADING } },
      'False Loading',
    ],
    [
      'of a PBX that fell back',
      { spec, status: suspendedBefore('True', 1), facts: { report, loaded: LAST_KNOWN_GOOD } },
      'False LastKnownGood',
    ],
  ])('%s', (_what, told, expected) => {
    expect(condition('Suspended', told)).toBe(expected);
  });
});

const { platform } = snapshot();

it.each<[string, string, Told, string | undefined]>([
  ['ConfigLoaded', 'a PBX that has it', {}, 'True ReadBack'],
  ['ConfigLoaded', 'a PBX that has not', { facts: { loaded: LAST_KNOWN_GOOD } }, 'False LastKnownGood'],
  ['RestartSafe', 'a PBX that says nothing', {}, 'Unknown PbxUnavailable'],
  ['RestartSafe', 'a PBX that was checked', { facts: { report: IDLE_REPORT } }, 'True BootChecked'],
  [
    'RestartSafe',
    'a PBX that would not boot',
    { facts: { report: { ...IDLE_REPORT, restartSafe: { status: 'False', message: '' } } } },
    'False BootCheckFailed',
  ],
  ['ChildRefused', 'none', {}, undefined],
  ['ChildRefused', 'one', { parts: { platform: { ...platform, refused: ['no'] } } }, 'True ApiServer'],
  ['RollPending', 'none', {}, undefined],
  [
    'RollPending',
    'a roll that waits for calls',
    { facts: { roll: { rolling: false, pending: { reason: 'CallsUp', message: '' } } } },
    'True CallsUp',
  ],
])('the condition %s of %s', (type, _what, told, expected) => {
  expect(condition(type, told)).toBe(expected);
});

describe('an Organization without accepted values', () => {
  const told: Told = { spec: { className: 'gone' }, parts: { users: [user('jane', '1001')] } };

  it('keeps what was shown, and counts its objects without limits', () => {
    const status = { effective: { limits: { users: 7 } }, sip: { domain: 'old.example' }, pbx: { pods: [] }, other: 1 };
    const { conditions, ...members } = statusOf({ ...told, status });

    expect(conditions.map(({ type, reason }) => [type, reason])).toEqual([
      ['Ready', 'ClassNotFound'],
      ['Stalled', 'ClassNotFound'],
    ]);
    expect(members).toMatchObject({ effective: status.effective, sip: status.sip, pbx: status.pbx });
    expect(members).not.toHaveProperty('other');
    expect(members['usage']).toMatchObject({ users: { used: 1 } });
  });

  it('counts nothing when it is not that of the namespace', () => {
    expect(statusOf({ ...told, parts: { ...told.parts, namespace: 'beta' } })).not.toHaveProperty('usage');
  });
});

it('counts objects that cannot be read, too, but not those that are being deleted', () => {
  const invalid = ['one', 'two'].map(name => ({
    kind: 'SipUser',
    metadata: { name, ...(name === 'two' ? { deletionTimestamp: NOW } : {}) },
    violation: '',
  }));
  const told = { spec: { limits: { users: 20 } }, parts: { users: [user('jane', '1001')], invalid } };

  expect(statusOf(told)['usage']).toMatchObject({ users: { used: 2, hard: 20 } });
});

it('shows at most 100 objects that Asterisk refused, with what is known of each', () => {
  const names = Array.from({ length: 101 }, (_, at) => `u${at}`);
  const quarantined = names.map(name => ({ object: `SipUser/${name}`, digest: '', reason: 'x'.repeat(2000) }));
  const told: Told = {
    parts: { users: [user('u0', '1001')] },
    facts: { report: { ...IDLE_REPORT, quarantined } },
  };
  const shown = (statusOf(told)['pbx'] as { quarantined: { reason: string }[] }).quarantined;

  expect(shown).toHaveLength(100);
  expect(shown[0]).toMatchObject({ kind: 'SipUser', name: 'u0', uid: 'uid-u0', generation: 1 });
  expect(shown[1]).toMatchObject({ name: 'u1', uid: '', generation: 0 });
  expect(shown[0]?.reason.length).toBeLessThanOrEqual(1024);
});

it.each<[string, unknown, object]>([
  ['nothing', undefined, {}],
  ['what it knows', { usage: 1, sip: 2, pbx: 3, effective: 4 }, { usage: 1, sip: 2, pbx: 3, effective: 4 }],
  ['nothing else', { conditions: [], observedGeneration: 3 }, {}],
])('of an earlier status lasts %s', (_what, status, expected) => {
  expect(lasting(status)).toEqual(expected);
});

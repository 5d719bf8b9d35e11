import { expect, it } from 'vitest';
import { IDLE_REPORT, indexOf, NOW, organization, type Parts, secret, user } from '../../../../test/snapshots.ts';
import type { AgentReport, Contact } from '../../../api/report.ts';
import type { Finding } from '../../finding.ts';
import { mailboxId } from '../../names.ts';
import type { Loaded } from '../../status/conditions.ts';
import { evaluateUsers } from './evaluation.ts';
import { userStatuses } from './status.ts';

const CREDENTIALS = new Map([['jane-sip', secret('jane-sip', { password: 'correct-horse', voicemailPin: '970861' })]]);
const contact = (more: Partial<Contact> = {}): Contact => {
  const phone = { uri: 'sip:1001@192.0.2.9', userAgent: 'Phone', source: '192.0.2.9:5060', transport: 'UDP' };
  return { ...phone, since: NOW, state: 'Reachable', ...more };
};

interface Told {
  readonly spec?: Record<string, unknown>;
  readonly status?: unknown;
  readonly parts?: Parts;
  readonly report?: AgentReport | undefined;
  readonly loaded?: Loaded;
  readonly rejected?: ReadonlyMap<string, Finding>;
}

interface Status {
  readonly conditions: readonly { type: string; status: string; reason: string; message: string }[];
  readonly registrations?: readonly Contact[];
  readonly [member: string]: unknown;
}

/** The status that is to be written; undefined: the live one is right. */
function due(told: Told): Status | undefined {
  const { spec = {}, status, parts = {}, loaded = { yes: true }, rejected = new Map() } = told;
  const jane = { ...user('jane', '1001', spec), ...(status === undefined ? {} : { status }) } as ReturnType<
    typeof user
  >;
  const index = indexOf({ secrets: CREDENTIALS, users: [jane], ...parts });
  const report = 'report' in told ? told.report : IDLE_REPORT;
  const facts = { snapshot: index.snapshot, tenant: index.tenant, ...(report && { report }), now: NOW };
  const [update] = userStatuses(evaluateUsers([jane], index), { loaded, rejected }, facts);
  return update?.due as Status | undefined;
}

const reporting = (...contacts: Contact[]): AgentReport => ({ ...IDLE_REPORT, contacts: { acme_1001: contacts } });
const silent = contact({ state: 'Unreachable' });

it.each<[string, Told, string[]]>([
  ['without a phone', {}, ['Reachable False NoAnswer', 'Registered False NoContact']],
  ['with a phone', { report: reporting(contact()) }, ['Reachable True AnswersOptions', 'Registered True ContactKnown']],
  ['with a silent phone', { report: reporting(silent) }, ['Reachable False NoAnswer', 'Registered True ContactKnown']],
  [
    'with two phones, of which one answers',
    { report: reporting(silent, contact()) },
    ['Reachable True AnswersOptions', 'Registered True ContactKnown'],
  ],
  ['whose phone is none', { spec: { ring: { target: { none: {} } } }, report: reporting(contact()) }, []],
  ['who is turned off', { spec: { enabled: false }, report: reporting(contact()) }, []],
  [
    'of a PBX that says nothing',
    { report: undefined },
    ['Reachable Unknown PbxUnavailable', 'Registered Unknown PbxUnavailable'],
  ],
])('the phones of a user %s', (_what, told, expected) => {
  const shown = due(told)?.conditions.filter(({ type }) => type === 'Registered' || type === 'Reachable');

  expect(shown?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual(expected);
});

const refused = new Map([['SipUser/jane', { reason: 'RejectedByAsterisk', message: '' }]]);
const codec = { sip: { codecs: ['g729'] } };

it.each<[string, Told, string]>([
  ['in service', {}, 'True Loaded'],
  ['on the way', { loaded: { yes: false, reason: 'Loading', message: '' } }, 'False Loading'],
  ['without credentials yet', { parts: { secrets: new Map() } }, 'False CredentialsPending'],
  ['refused by Asterisk', { rejected: refused }, 'False RejectedByAsterisk'],
  [
    'refused by Asterisk, of another name',
    { rejected: new Map([['SipUser/john', { reason: 'X', message: '' }]]) },
    'True Loaded',
  ],
  ['who is turned off and refused', { spec: { enabled: false }, rejected: refused }, 'False Disabled'],
  ['with a mistake and refused', { spec: codec, rejected: refused }, 'False RejectedByAsterisk'],
  ['with a mistake', { spec: codec }, 'False UnsupportedCodec'],
])('a user %s', (_what, told, expected) => {
  const ready = due(told)?.conditions.find(({ type }) => type === 'Ready');

  expect(`${ready?.status} ${ready?.reason}`).toBe(expected);
});

it('is written once: then the live status is right, whatever the time', () => {
  const told = { report: reporting(contact()) };
  const status = due(told);

  expect(status).toBeDefined();
  expect(due({ ...told, status })).toBeUndefined();
  expect(due({ report: reporting(), status })).toBeDefined();
});

it('shows at most 10 phones, in the order of their addresses, and each within the schema', () => {
  const phones = Array.from({ length: 11 }, (_, at) => contact({ uri: `sip:${String(20 - at)}@192.0.2.9` }));
  const [first, ...rest] = phones;
  if (!first) throw new Error('no phone');
  const status = due({ report: reporting({ ...first, userAgent: 'x'.repeat(1000) }, ...rest) });

  expect(status?.registrations?.map(({ uri }) => uri.slice(4, 6))).toEqual([
    '10',
    '11',
    '12',
    '13',
    '14',
    '15',
    '16',
    '17',
    '18',
    '19',
  ]);
  const long = due({ report: reporting({ ...first, userAgent: 'x'.repeat(1000) }) });
  expect(long?.registrations?.[0]?.userAgent.length).toBeLessThanOrEqual(256);
});

it('shows a user who is not in service no way to register', () => {
  expect(due({})).toMatchObject({ sip: { username: 'acme_1001', credentialsSecret: 'jane-sip', transport: 'UDP' } });
  expect(due({ spec: { enabled: false } })).not.toHaveProperty('sip');
});

it.each<[string, string | undefined, object | undefined]>([
  ['with a prefix', 'GB', { national: '0…', international: '00…' }],
  ['with a prefix that may be left out', 'US', { national: '[1]…', international: '011…' }],
  ['that is not known', undefined, undefined],
])('how to dial from a country %s', (_what, country, expected) => {
  const organizations = [organization(country === undefined ? {} : { location: { country } })];

  expect(due({ parts: { organizations } })?.['dialPatterns']).toEqual(expected);
});

const MAILBOX = mailboxId(user('jane', '1001').metadata);
const NEWS = { new: 1, old: 2 };

it.each<[string, AgentReport['mailboxes'], object | undefined]>([
  ['none', {}, undefined],
  ['that of the user', { [MAILBOX]: NEWS }, NEWS],
  ['that of the user before one by its extension', { [MAILBOX]: NEWS, '1001': { new: 3, old: 4 } }, NEWS],
  ['that of another user', { '1002': NEWS }, undefined],
  ['one by its extension, of a PBX that waits for its roll', { '1001': { new: 3, old: 4 } }, { new: 3, old: 4 }],
])('messages in a mailbox: %s', (_what, mailboxes, expected) => {
  expect(due({ report: { ...IDLE_REPORT, mailboxes } })?.['voicemail']).toEqual(expected);
});

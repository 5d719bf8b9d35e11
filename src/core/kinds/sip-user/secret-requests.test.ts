import { expect, it } from 'vitest';
import { indexOf, organization, secret, user } from '../../../../test/snapshots.ts';
import { HANDLED_ROTATION, ROTATE_PASSWORD } from '../../names.ts';
import type { SecretView } from '../../snapshot.ts';
import { effectiveSpec } from '../../tenant.ts';
import { secretRequestsOf } from './secret-requests.ts';

const BOTH = { password: 'x'.repeat(24), voicemailPin: '970861' };
const made = (data: Record<string, string>, more: Partial<SecretView> = {}): SecretView => {
  return { ...secret('jane-sip', data), ownerUid: 'uid-jane', ...more };
};
const rotate = (value: string) => ({ annotations: { [ROTATE_PASSWORD]: value } });
const handled = (value: string) => made(BOTH, { annotations: { [HANDLED_ROTATION]: value } });
const own = (key: string) => ({ name: 'own', key });

interface Asking {
  readonly spec?: Record<string, unknown>;
  readonly metadata?: { readonly annotations?: Record<string, string>; readonly uid?: undefined };
  readonly has?: SecretView;
  readonly organizationSpec?: Record<string, unknown>;
}

it.each<[string, Asking, string[]]>([
  ['without a Secret', {}, ['password', 'voicemailPin']],
  ['with both', { has: made(BOTH) }, []],
  ['with a password alone', { has: made({ password: BOTH.password }) }, ['voicemailPin']],
  ['with a PIN alone', { has: made({ voicemailPin: BOTH.voicemailPin }) }, ['password']],
  ['with an empty password', { has: made({ ...BOTH, password: '' }) }, ['password']],
  ['with a password of their own', { spec: { sip: { passwordSecretRef: own('p') } } }, ['voicemailPin']],
  ['with a PIN of their own', { spec: { voicemail: { pinSecretRef: own('p') } } }, ['password']],
  ['without a mailbox', { spec: { voicemail: { enabled: false } } }, ['password']],
  ['of an Organization without voicemail', { organizationSpec: { features: { voicemail: false } } }, ['password']],
  ['who asks for another password', { metadata: rotate('2'), has: made(BOTH) }, ['password']],
  ['who asks for another one again', { metadata: rotate('2'), has: handled('1') }, ['password']],
  ['who asked for another one, and has it', { metadata: rotate('2'), has: handled('2') }, []],
  [
    'who asks for another one, with a password of their own',
    { metadata: rotate('2'), has: made(BOTH), spec: { sip: { passwordSecretRef: own('p') } } },
    [],
  ],
  ['with the Secret of an earlier user of that name', { has: made(BOTH, { ownerUid: 'uid-earlier' }) }, ['password']],
  ['with a Secret that nobody owns', { has: secret('jane-sip', BOTH) }, []],
])('a user %s', (_what, { spec = {}, metadata = {}, has, organizationSpec = {} }, keys) => {
  const plain = user('jane', '1001', spec);
  const jane = { ...plain, metadata: { ...plain.metadata, ...metadata } };
  const secrets = new Map(has ? [['jane-sip', has]] : []);
  const index = indexOf({ organizations: [organization(organizationSpec)], users: [jane], secrets });

  const found = secretRequestsOf(jane, effectiveSpec(jane, index.tenant), index);

  expect(found).toEqual(keys.map(key => ({ secret: 'jane-sip', key, form: key === 'password' ? 'password' : 'pin' })));
});

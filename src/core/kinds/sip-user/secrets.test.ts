import { expect, it } from 'vitest';
import { indexOf, secret, user } from '../../../../test/snapshots.ts';
import type { Finding } from '../../finding.ts';
import { effectiveSpec } from '../../tenant.ts';
import { passwordOf, pinOf } from './secrets.ts';

const GOOD = 'correct-horse';
const OWN_PASSWORD = { sip: { passwordSecretRef: { name: 'own', key: 'p' } } };
const OWN_PIN = { voicemail: { pinSecretRef: { name: 'own', key: 'p' } } };
const FIELD = 'spec.sip.passwordSecretRef';

type Secrets = Readonly<Record<string, Record<string, string>>>;

function given(spec: Record<string, unknown>, secrets: Secrets) {
  const jane = user('jane', '1001', spec);
  const all = new Map(Object.entries(secrets).map(([name, data]) => [name, secret(name, data)]));
  const index = indexOf({ users: [jane], secrets: all });
  return [jane, effectiveSpec(jane, index.tenant), index] as const;
}

it.each<[string, Record<string, unknown>, Secrets, string | [reason: string, field?: string]]>([
  ['that was generated', {}, { 'jane-sip': { password: GOOD } }, GOOD],
  ['that is still to be generated', {}, {}, ['CredentialsPending']],
  ['that is empty, and so generated again', {}, { 'jane-sip': { password: '' } }, ['CredentialsPending']],
  ['that somebody made too short', {}, { 'jane-sip': { password: 'short' } }, ['InvalidPassword']],
  ['of their own', OWN_PASSWORD, { own: { p: GOOD }, 'jane-sip': { password: 'generated-one' } }, GOOD],
  ['of their own, without the Secret', OWN_PASSWORD, { 'jane-sip': { password: GOOD } }, ['SecretNotFound', FIELD]],
  ['of their own, without the key', OWN_PASSWORD, { own: { password: GOOD } }, ['SecretNotFound', FIELD]],
  ['of their own with 7 characters', OWN_PASSWORD, { own: { p: '1234567' } }, ['InvalidPassword', FIELD]],
  ['of their own with 8 characters', OWN_PASSWORD, { own: { p: '12345678' } }, '12345678'],
  ['of their own that is empty', OWN_PASSWORD, { own: { p: '' } }, ['InvalidPassword', FIELD]],
])('a password %s', (_what, spec, secrets, expected) => {
  const found = passwordOf(...given(spec, secrets));

  if (typeof expected === 'string') expect(found).toBe(expected);
  else expect([(found as Finding).reason, (found as Finding).field]).toEqual([expected[0], expected[1]]);
});

it('of a password that is wrong the message has nothing, but what to do about a generated one', () => {
  const generated = passwordOf(...given({}, { 'jane-sip': { password: 'hunter2' } })) as Finding;
  const own = passwordOf(...given(OWN_PASSWORD, { own: { p: 'hunter2' } })) as Finding;

  expect(generated.message).toContain('delete that key');
  expect(own.message).not.toContain('delete that key');
  expect(generated.message + own.message).not.toContain('hunter2');
});

it.each<[string, Record<string, unknown>, Secrets, string, string[]]>([
  ['that was generated', {}, { 'jane-sip': { voicemailPin: '970861' } }, '970861', []],
  ['that is still to be generated', {}, {}, '', []],
  ['of their own', OWN_PIN, { own: { p: '123' }, 'jane-sip': { voicemailPin: '970861' } }, '123', []],
  ['of their own with 2 digits', OWN_PIN, { own: { p: '12' } }, '', ['SecretNotFound']],
  ['of their own with 12 digits', OWN_PIN, { own: { p: '1'.repeat(12) } }, '1'.repeat(12), []],
  ['of their own with 13 digits', OWN_PIN, { own: { p: '1'.repeat(13) } }, '', ['SecretNotFound']],
  ['of their own with a comma', OWN_PIN, { own: { p: '1234,x' } }, '', ['SecretNotFound']],
  ['of their own, without the Secret', OWN_PIN, { 'jane-sip': { voicemailPin: '970861' } }, '', ['SecretNotFound']],
])('a PIN %s', (_what, spec, secrets, pin, reasons) => {
  const degradations: Finding[] = [];

  expect(pinOf(...given(spec, secrets), degradations)).toBe(pin);
  expect(degradations.map(({ reason, field }) => [reason, field])).toEqual(
    reasons.map(reason => [reason, 'spec.voicemail.pinSecretRef']),
  );
});

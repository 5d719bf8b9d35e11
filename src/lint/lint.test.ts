import { describe, expect, it } from 'vitest';
import { lint } from './lint.ts';

const HEAD = 'apiVersion: ringfleet.io/v1alpha1\n';
const object = (kind: string, name: string, spec: string, metadata = ''): string =>
  `${HEAD}kind: ${kind}\nmetadata: {name: ${name}${metadata}}\nspec: ${spec}\n`;
const acme = object('Organization', 'acme', '{location: {country: GB}, sipDomain: acme.example}');
const jane = object('SipUser', 'jane', "{extension: '1001', fullName: Jane}");
const user = (name: string, extension: string, more = ''): string =>
  object('SipUser', name, `{extension: '${extension}', fullName: X${more}}`);
const own = 'sip: {passwordSecretRef: {name: own, key: pw}}';
const secret = (data: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: own}\nstringData: ${data}\n`;

/** Of one file of these documents: `severity object field rule`. */
function said(...documents: string[]): string[] {
  return lint([{ path: 'all.yaml', text: documents.join('---\n') }]).map(
    ({ severity, object: whose, field, rule }) => `${severity} ${whose} ${field} ${rule}`,
  );
}

describe('what the operator would say', () => {
  it.each<[string, string[], string[]]>([
    ['nothing of a good tenant', [acme, jane], []],
    ['nothing of users whose Organization is elsewhere', [jane, user('john', '1002')], []],
    [
      'an extension that another has',
      [acme, jane, user('john', '1001')],
      ['error SipUser/john spec.extension Conflict'],
    ],
    [
      'a destination that is not there',
      [acme, user('john', '1002', ', ring: {onBusy: {user: {name: ghost}}}')],
      ['error SipUser/john spec.ring.onBusy ReferenceNotFound'],
    ],
    [
      'a Secret that is elsewhere',
      [acme, user('john', '1002', `, ${own}`)],
      ['note SipUser/john spec.sip.passwordSecretRef SecretNotFound'],
    ],
    ['nothing of a Secret that is there', [acme, user('john', '1002', `, ${own}`), secret("{pw: 'long enough'}")], []],
    [
      'a Secret without the key',
      [acme, user('john', '1002', `, ${own}`), secret("{password: 'long enough'}")],
      [
        'error SipUser/john spec.sip.passwordSecretRef SecretNotFound',
        'warning SipUser/john spec.sip.passwordSecretRef SecretNotFound',
      ],
    ],
    [
      'a password that is too short',
      [acme, user('john', '1002', `, ${own}`), secret('{pw: short}')],
      ['error SipUser/john spec.sip.passwordSecretRef InvalidPassword'],
    ],
    ['a user who is switched off', [acme, user('john', '1002', ', enabled: false')], ['note SipUser/john  Disabled']],
    [
      'a class that only the cluster has',
      [object('Organization', 'acme', '{className: own}'), jane],
      ['note Organization/acme spec.className ClassNotFound'],
    ],
    ['an object that is there twice', [acme, jane, jane], ['error SipUser/jane metadata.name Twice']],
    [
      'a limit that is passed',
      [object('Organization', 'acme', '{limits: {users: 1}}'), jane, user('john', '1002')],
      ['error SipUser/john  LimitExceeded'],
    ],
    [
      'what is refused, and then nothing that follows from it',
      [acme, user('john', 'x')],
      ['error SipUser/john spec.extension Invalid'],
    ],
  ])('%s', (_what, documents, expected) => {
    expect(said(...documents)).toEqual(expected);
  });

  it('tells tenants apart by namespace, and knows what only one on the platform may have', () => {
    const number = (namespace: string): string =>
      object(
        'PhoneNumber',
        'main',
        '{number: "+442079460000", destination: {user: {name: jane}}}',
        `, namespace: ${namespace}`,
      );
    const tenant = (name: string): string[] => [
      object('Organization', name, `{sipDomain: ${name}.example}`, `, namespace: ${name}`),
      object('SipUser', 'jane', "{extension: '1001', fullName: Jane}", `, namespace: ${name}`),
      number(name),
    ];

    expect(said(...tenant('a'), ...tenant('b'))).toEqual(['error PhoneNumber/main spec.number Conflict']);
  });
});

describe('what stands where', () => {
  it('gives the line of the field', () => {
    const text = `${acme}---\n${HEAD}kind: SipUser\nmetadata:\n  name: jane\nspec:\n  fullName: Jane\n  extension: x\n`;

    expect(lint([{ path: 'users.yaml', text }])).toEqual([
      expect.objectContaining({ file: 'users.yaml', line: 12, column: 3, field: 'spec.extension' }),
    ]);
  });

  it.each([
    ['a key that swallowed its value', user('jane', '1001', ', sip: {password:hunter2}')],
    ['a Secret of numbers', secret('{pin: 73519}')],
    ['a Secret with a key that swallowed its value', secret('{"pin:73519hunter": x}')],
    ['a text that ends too early', secret('{pin: "hunter"73519}')],
    ['no base64', `${secret('{}')}data: {pin: 73519hunter}\n`],
  ])('says nothing that may be a secret: %s', (_what, text) => {
    const problems = lint([{ path: 'one.yaml', text }]);

    expect(problems).not.toEqual([]);
    expect(JSON.stringify(problems)).not.toMatch(/hunter|73519/);
  });
});

it('passes over what is not ours', () => {
  expect(said('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 1}\n')).toEqual([]);
});

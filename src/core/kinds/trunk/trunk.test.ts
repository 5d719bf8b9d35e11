import { describe, expect, it } from 'vitest';
import {
  carryOut,
  conditionOf,
  fileText,
  NOW,
  organization,
  phoneNumber,
  secret,
  settle,
  snapshot,
  trunk,
  user,
  withParts,
} from '../../../../test/snapshots.ts';
import { compile } from '../../compile.ts';
import type { Plan } from '../../plan.ts';

/** What becomes of a trunk's spec and Secrets: text of Asterisk, or words that name the field. */
const SERVERS = { literal: [{ name: 'a', host: '192.0.2.1' }], named: [{ name: 'a', host: 'sip.carrier.example' }] };

function planOf(
  specs: Readonly<Record<string, Record<string, unknown>>>,
  secrets: Readonly<Record<string, Record<string, string>>> = {},
): Plan {
  return settle(
    snapshot({
      trunks: Object.entries(specs).map(([name, spec], at) => trunk(name, { servers: SERVERS.literal, ...spec }, at)),
      secrets: new Map(Object.entries(secrets).map(([name, data]) => [name, secret(name, data)])),
    }),
  ).plan;
}

const of = (spec: Record<string, unknown>, data?: Record<string, string>): Plan =>
  planOf({ tata: spec }, data ? { login: data } : {});
const REGISTERING = { credentialsSecretRef: { name: 'login' }, register: { enabled: true } };
const stalled = (plan: Plan, name = 'tata') => conditionOf(plan, 'Trunk', name, 'Stalled');
const warning = (plan: Plan, name = 'tata') => conditionOf(plan, 'Trunk', name, 'Warning');
const lines = (plan: Plan, file: string): string[] => fileText(plan, file).split('\n');

describe('the account at the carrier', () => {
  it('is a whole address for a user name with a domain: the digest has all of it, the Contact has the user', () => {
    const plan = of(REGISTERING, { username: '+918043513850@ka.ims.example', password: 'pw' });

    expect(stalled(plan)).toBeUndefined();
    expect(lines(plan, 'pjsip_auth.conf')).toContain('username=+918043513850@ka.ims.example');
    expect(lines(plan, 'pjsip_registration.conf')).toEqual(
      expect.arrayContaining(['client_uri=sip:+918043513850@ka.ims.example', 'contact_user=+918043513850']),
    );
    expect(lines(plan, 'pjsip_endpoint.conf')).toEqual(
      expect.arrayContaining(['from_domain=ka.ims.example', 'contact_user=+918043513850']),
    );
  });

  it.each([
    ['of the first server', {}, 'acme', 'client_uri=sip:acme@192.0.2.1'],
    ['that is said', { identity: { fromDomain: 'said.example' } }, 'acme', 'client_uri=sip:acme@said.example'],
    [
      'that is said, before that of the name',
      { identity: { fromDomain: 'said.example' } },
      'acme@x.example',
      'client_uri=sip:acme@said.example',
    ],
  ])('has the domain %s', (_what, spec, username, line) => {
    expect(lines(of({ ...REGISTERING, ...spec }, { username, password: 'pw' }), 'pjsip_registration.conf')).toContain(
      line,
    );
  });

  it('registers without a password where the Secret says that there is none', () => {
    const plan = of(REGISTERING, { username: 'acme', password: '' });

    expect(fileText(plan, 'pjsip_registration.conf')).toContain('client_uri=sip:acme@');
    expect(fileText(plan, 'pjsip_registration.conf') + fileText(plan, 'pjsip_endpoint.conf')).not.toContain(
      'outbound_auth',
    );
    expect(fileText(plan, 'pjsip_auth.conf')).not.toContain('acme_t-tata');
  });

  it('registers without a Secret as the user of From', () => {
    const plan = of({ register: { enabled: true }, identity: { fromUser: '914412345678', fromDomain: 'ims.example' } });

    expect(lines(plan, 'pjsip_registration.conf')).toEqual(
      expect.arrayContaining(['client_uri=sip:914412345678@ims.example', 'contact_user=914412345678']),
    );
  });

  it.each([
    ['no name at all', { register: { enabled: true } }, undefined, 'CredentialsRequired', 'fromUser'],
    ['a Secret that is not there', REGISTERING, undefined, 'SecretNotFound', 'Secret login'],
    ['a Secret without a password', REGISTERING, { username: 'acme' }, 'SecretNotFound', 'key password'],
    ['two @', REGISTERING, { username: 'a@b@c', password: 'pw' }, 'InvalidSecret', 'username'],
    ['a name with a line break inside', REGISTERING, { username: 'a\nb', password: 'pw' }, 'InvalidSecret', 'username'],
    [
      'a password with a letter outside ASCII',
      REGISTERING,
      { username: 'a', password: 'pässword' },
      'InvalidPassword',
      'ASCII',
    ],
    [
      'a password that is too long',
      REGISTERING,
      { username: 'a', password: 'x'.repeat(240) },
      'InvalidPassword',
      '240',
    ],
    [
      'a password that begins with a blank',
      REGISTERING,
      { username: 'a', password: ' pw' },
      'InvalidPassword',
      'blank',
    ],
    ['a realm of two lines', REGISTERING, { username: 'a', password: 'pw', realm: 'a\nb' }, 'InvalidSecret', 'realm'],
    [
      'no password of the carrier',
      { inbound: { auth: { secretRef: { name: 'login' } } } },
      { username: 'a', password: '' },
      'SecretNotFound',
      'key password',
    ],
  ])('is refused for %s, and the word is said', (_what, spec, data, reason, word) => {
    expect(stalled(of(spec, data))).toMatchObject({ reason, message: expect.stringContaining(word) });
  });

  it('is read without the line break that a shell puts at the end of a value', () => {
    const auth = fileText(
      of(REGISTERING, { username: 'acme\n', password: 'pw\n', realm: 'a realm\r\n' }),
      'pjsip_auth.conf',
    );

    expect(auth).toContain('username=acme\npassword=pw\nrealm=a realm\n');
  });
});

describe('two trunks', () => {
  it('of which one is called as the other’s login once was do not meet', () => {
    const auth = { inbound: { auth: { secretRef: { name: 'login' } } }, servers: SERVERS.named };
    const plan = planOf(
      { foo: auth, 'foo-in': { ...auth, ...REGISTERING } },
      { login: { username: 'a', password: 'pw' } },
    );
    const ids = [...fileText(plan, 'pjsip_auth.conf').matchAll(/^\[(.*)\]$/gm)].map(match => match[1]);

    expect(ids.sort()).toEqual(['acme_t-foo-in', 'acme_t-foo-in.in', 'acme_t-foo.in']);
  });

  it('that share addresses both say so, and name each other', () => {
    const plan = planOf({
      one: { inbound: { sources: ['203.0.113.0/24'] } },
      two: { inbound: { sources: ['203.0.113.7'] }, servers: [{ name: 'a', host: '192.0.2.2' }] },
      three: { servers: [{ name: 'a', host: '192.0.2.3' }] },
    });

    expect(warning(plan, 'one')).toMatchObject({
      reason: 'SourcesOverlap',
      message: expect.stringContaining('Trunk two (203.0.113.7)'),
    });
    expect(warning(plan, 'two')).toMatchObject({
      reason: 'SourcesOverlap',
      message: expect.stringContaining('Trunk one'),
    });
    expect(warning(plan, 'three')).toBeUndefined();
  });

  it('of which the first asks for a password leave the second without calls, and it says so', () => {
    const plan = planOf(
      {
        a: { inbound: { sources: ['0.0.0.0/0'], auth: { secretRef: { name: 'login' } } } },
        b: { inbound: { sources: ['203.0.113.7'] } },
      },
      { login: { username: 'x', password: 'pw' } },
    );

    expect(stalled(plan, 'b')).toMatchObject({
      reason: 'SourcesOverlap',
      message: expect.stringContaining('Trunk a comes first'),
    });
  });

  it('do not share what a disabled one has', () => {
    const sources = { inbound: { sources: ['203.0.113.7'] } };
    const plan = planOf({
      a: { ...sources, enabled: false },
      b: { ...sources, servers: [{ name: 'a', host: '192.0.2.2' }] },
    });

    expect(warning(plan, 'b')).toBeUndefined();
  });
});

describe('sources', () => {
  it.each([
    ['0.0.0.0/0', 'SourcesTooWide', 'anybody'],
    ['128.0.0.0/1', 'SourcesTooWide', 'anybody'],
    ['2001:db8::/32', 'InvalidAddress', 'IPv6'],
  ])('%s does not count: the trunk goes on with the others, and says so', (source, reason, word) => {
    const plan = of({ inbound: { sources: [source, '203.0.113.0/24'] } });

    expect(stalled(plan)).toMatchObject({ reason, message: expect.stringContaining(word) });
    expect(lines(plan, 'pjsip_identify.conf').filter(line => line.startsWith('match='))).toEqual([
      'match=203.0.113.0/24',
      'match=192.0.2.1',
    ]);
    expect(fileText(plan, 'pjsip_endpoint.conf')).toContain('[acme_t-tata](trunk)');
  });

  it('may be anybody for a carrier that authenticates', () => {
    const spec = { inbound: { sources: ['0.0.0.0/0'], auth: { secretRef: { name: 'login' } } } };
    const plan = of(spec, { username: 'a', password: 'pw' });

    expect(stalled(plan)?.reason).not.toBe('SourcesTooWide');
    expect(fileText(plan, 'pjsip_identify.conf')).toContain('match=0.0.0.0/0');
  });

  const login = { username: 'a', password: 'pw' };
  const auth = { inbound: { auth: { secretRef: { name: 'login' } } } };
  it.each([
    ['a name that registers', { servers: SERVERS.named, ...REGISTERING }, 'line parameter'],
    ['a name that does not', { servers: SERVERS.named }, 'cannot be told from'],
    ['one name of two servers', { servers: [...SERVERS.literal, { name: 'b', host: 'b.example' }] }, 'b.example'],
    ['an address', {}, undefined],
    ['a name with its networks', { servers: SERVERS.named, inbound: { sources: ['203.0.113.7'] } }, undefined],
    ['a name that authenticates', { servers: SERVERS.named, ...auth }, undefined],
  ])('are said to be unknown, or not, of %s', (_what, spec, word) => {
    const said = warning(of(spec, login));

    expect(said?.reason).toBe(word === undefined ? undefined : 'SourcesUnknown');
    if (word !== undefined) expect(said?.message).toContain(word);
  });
});

it('tells of a warning when it comes, as an event', () => {
  const before = settle(snapshot({ trunks: [trunk('tata')] }));
  const after = carryOut(before.snapshot, before.plan);
  const edited = trunk('tata', { servers: SERVERS.named });
  const trunks = after.objects.Trunk.map(({ status }) => ({ ...edited, ...(status && { status }) }));

  expect(compile(withParts(after, { trunks }), NOW).events).toContainEqual(
    expect.objectContaining({ type: 'Warning', reason: 'SourcesUnknown' }),
  );
});

describe('the way to the carrier', () => {
  it.each([
    ['p.example', {}, 'sip:p.example\\;transport=udp\\;lr', 'udp'],
    ['p.example:5290;transport=tcp', {}, 'sip:p.example:5290\\;transport=tcp\\;lr', 'tcp'],
    ['sip:p.example;transport=tcp', {}, 'sip:p.example\\;transport=tcp\\;lr', 'tcp'],
    ['p.example', { transport: 'TCP' }, 'sip:p.example\\;transport=tcp\\;lr', 'tcp'],
  ])('goes by the proxy %s %j', (outboundProxy, spec, uri, transport) => {
    const plan = of({ ...REGISTERING, ...spec, identity: { outboundProxy } }, { username: 'a', password: 'pw' });

    for (const file of ['pjsip_endpoint.conf', 'pjsip_registration.conf'])
      expect(lines(plan, file)).toContain(`outbound_proxy=${uri}`);
    expect(lines(plan, 'pjsip_registration.conf')).toContain(`transport=${transport}`);
    expect(lines(plan, 'pjsip_aor.conf')).toContain(`contact=sip:192.0.2.1\\;transport=${transport}`);
  });

  it.each([
    [{ identity: { outboundProxy: 'p.example;maddr=192.0.2.7' } }, 'InvalidProxy', 'spec.identity.outboundProxy'],
    [{ identity: { outboundProxy: 'sips:p.example' } }, 'InvalidProxy', 'spec.identity.outboundProxy'],
    [{ transport: 'TCP', identity: { outboundProxy: 'p.example;transport=udp' } }, 'InvalidProxy', 'spec.transport'],
    [{ servers: [{ name: 'a', host: '300.1.1.1' }] }, 'InvalidAddress', 'server a'],
    [{ transport: 'TLS' }, 'NotImplementedYet', 'spec.transport'],
  ])('is refused for %j, and the field is named', (spec, reason, word) => {
    expect(stalled(of(spec))).toMatchObject({ reason, message: expect.stringContaining(word) });
  });
});

describe('codecs', () => {
  it('that cannot be converted are not offered, and a trunk that has no others is not called ready', () => {
    const only = of({ codecs: ['g729'] });
    const mixed = of({ codecs: ['g729', 'gsm'] });

    expect(stalled(only)?.reason).toBe('UnsupportedCodec');
    expect(lines(only, 'pjsip_endpoint.conf')).toContain('allow=!all,alaw,ulaw');
    expect(warning(mixed)?.reason).toBe('UnsupportedCodec');
    expect(stalled(mixed)?.reason).not.toBe('UnsupportedCodec');
    expect(lines(mixed, 'pjsip_endpoint.conf')).toContain('allow=!all,gsm');
  });
});

describe('the number of a caller who has none', () => {
  it('is none that the provider did not give to this organization', () => {
    const { plan } = settle(
      snapshot({
        organizations: [organization({ allowed: { numbers: ['+91*'] } })],
        users: [user('jane', '1001', { callerId: { default: { name: 'stolen' } } })],
        trunks: [trunk('tata', { outbound: { fallbackCallerId: { name: 'stolen' } } })],
        numbers: [phoneNumber('stolen', '+442079460000')],
      }),
    );

    expect(fileText(plan, 'extensions_tenant.conf')).not.toContain('442079460000');
    for (const [kind, name] of [
      ['SipUser', 'jane'],
      ['Trunk', 'tata'],
    ] as const)
      expect(conditionOf(plan, kind, name, 'Stalled')).toMatchObject({
        reason: 'ReferenceNotReady',
        message: expect.stringContaining('NotAllowed'),
      });
  });
});

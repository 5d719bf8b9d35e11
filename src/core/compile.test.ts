import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  carryOut,
  conditionOf,
  fileText,
  location,
  NOW,
  organization,
  phoneNumber,
  secret,
  settle,
  snapshot,
  trunk,
  user,
  withParts,
} from '../../test/snapshots.ts';
import { definitions, sectionsOfFragment } from '../agent/configuration/sections.ts';
import { compile } from './compile.ts';

const carrier = secret('carrier', { username: 'acme', password: 'carrier-password' });

function hotel() {
  return snapshot({
    organizations: [organization({ location: { country: 'IN' }, callerId: { default: { name: 'main' } } })],
    users: [
      user('jane', '1001'),
      user('john', '1002', { ring: { onNoAnswer: { user: { name: 'jane' } } } }, 2),
      user('zoe', '1003', {}, 3),
    ],
    trunks: [trunk('tata', { credentialsSecretRef: { name: 'carrier' }, register: { enabled: true } })],
    numbers: [phoneNumber('main', '+914412345678', { destination: { user: { name: 'jane' } } })],
    locations: [location('london', { country: 'GB' })],
    secrets: new Map([['carrier', carrier]]),
  });
}

describe('compile', () => {
  it('gives the same plan for any order of the input', () => {
    const base = settle(hotel()).snapshot;
    const expected = JSON.stringify(plain(compile(base, NOW)));
    const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });

    fc.assert(
      fc.property(
        shuffled(base.objects.SipUser),
        shuffled(base.objects.Trunk),
        shuffled(base.objects.PhoneNumber),
        shuffled(base.classes),
        (users, trunks, numbers, classes) => {
          expect(JSON.stringify(plain(compile(withParts(base, { users, trunks, numbers, classes }), NOW)))).toBe(
            expected,
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('plans nothing once its plan was carried out', () => {
    const { snapshot: before, plan } = settle(hotel());

    const after = compile(carryOut(before, plan), '2026-02-02T00:00:00Z');

    expect({
      secretRequests: after.secretRequests,
      apply: after.apply,
      prune: after.prune,
      statuses: after.statuses,
      events: after.events,
    }).toEqual({
      secretRequests: [],
      apply: [],
      prune: [],
      statuses: [],
      events: [],
    });
  });

  it('lets no text of a user change the structure of Asterisk’s files', () => {
    const normal = structure(settle(withName('Jane Roe')).plan);

    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...NASTY)), name => {
        expect(structure(settle(withName(name)).plan)).toEqual(normal);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('leaves out only the object whose value the escape refuses', () => {
    const poisoned = user('jane', '1001');
    Object.assign(poisoned.spec, { extension: '1\n[x](!)' });

    const { plan } = settle(snapshot({ users: [poisoned, user('john', '1002', {}, 2)] }));

    expect(
      definitions([...(plan.bundle?.texts ?? [])].flatMap(([key, text]) => sectionsOfFragment(key, text)))
        .filter(({ type }) => type === 'endpoint')
        .map(({ id }) => id),
    ).toEqual(['rf-probe', 'rf-refused', 'acme_1002']);
    expect(conditionOf(plan, 'SipUser', 'jane', 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'UnsafeValue',
      message: expect.stringMatching(/^spec\.extension has characters/),
    });
  });

  it('puts no password and no digest into a ConfigMap, a status or an event', () => {
    const { plan, snapshot: after } = settle(hotel());
    const secrets = [...after.secrets.values()].flatMap(view =>
      Object.entries(view.data)
        .filter(([key]) => /password|Pin/i.test(key))
        .map(([, value]) => value),
    );
    const digests = [...fileText(plan, 'pjsip_auth.conf').matchAll(/(?:MD5|SHA-256):([0-9a-f]+)/g)].map(
      match => match[1] ?? '',
    );
    const open = JSON.stringify([plan.apply.filter(({ kind }) => kind !== 'Secret'), plan.statuses, plan.events]);

    expect(secrets.length).toBeGreaterThan(3);
    expect(digests).toHaveLength(6);
    for (const text of [...secrets, ...digests]) expect(open).not.toContain(text);
  });
});

describe('the evaluation', () => {
  it('keeps the oldest users within the limit, whoever is listed first', () => {
    const users = Array.from({ length: 5 }, (_, age) => user(`u${age}`, `100${age}`, {}, age));
    const { plan } = settle(
      snapshot({ organizations: [organization({ limits: { users: 3 } })], users: users.reverse() }),
    );

    const over = ['u0', 'u1', 'u2', 'u3', 'u4'].filter(
      name => conditionOf(plan, 'SipUser', name, 'Stalled')?.reason === 'LimitExceeded',
    );
    expect(over).toEqual(['u3', 'u4']);
  });

  it('lets the older of two users with one extension ring, and names that one', () => {
    const { plan, snapshot: before } = settle(
      snapshot({ users: [user('young', '1001', {}, 9), user('old', '1001', {}, 1)] }),
    );

    expect(conditionOf(plan, 'SipUser', 'young', 'Stalled')).toMatchObject({
      reason: 'Conflict',
      message: expect.stringContaining('SipUser old'),
    });
    expect(conditionOf(plan, 'SipUser', 'old', 'Stalled')).toBeUndefined();

    const next = settle(
      withParts(before, { users: before.objects.SipUser.filter(({ metadata }) => metadata.name === 'young') }),
    ).plan;
    expect(conditionOf(next, 'SipUser', 'young', 'Stalled')).toBeUndefined();
  });

  it.each([
    ['a missing Secret', { sip: { passwordSecretRef: { name: 'gone', key: 'x' } } }, 'SecretNotFound'],
    ['an emergency number as extension', { extension: '112' }, 'ReservedExtension'],
    ['a destination that is not there', { ring: { onNoAnswer: { user: { name: 'nobody' } } } }, 'ReferenceNotFound'],
    ['a caller ID that is not there', { callerId: { default: { name: 'nothing' } } }, 'ReferenceNotFound'],
    ['a destination for later', { ring: { onBusy: { queue: { name: 'q' } } } }, 'NotImplementedYet'],
  ])('says of %s what is wrong and leaves others alone', (_what, spec, reason) => {
    const { plan } = settle(snapshot({ users: [user('bad', '1001', spec), user('good', '1002', {}, 2)] }));

    expect(conditionOf(plan, 'SipUser', 'bad', 'Stalled')?.reason).toBe(reason);
    expect(conditionOf(plan, 'SipUser', 'good', 'Stalled')).toBeUndefined();
  });

  it('names the circle of a routing loop and cuts it', () => {
    const { plan } = settle(
      snapshot({
        users: [
          user('a', '1001', { ring: { onNoAnswer: { user: { name: 'b' } } } }),
          user('b', '1002', { ring: { onNoAnswer: { extension: '1001' } } }, 2),
          user('c', '1003', {}, 3),
        ],
      }),
    );

    expect(conditionOf(plan, 'SipUser', 'a', 'Stalled')).toMatchObject({
      reason: 'RoutingLoop',
      message: expect.stringContaining('a → b → a'),
    });
    expect(conditionOf(plan, 'SipUser', 'c', 'Stalled')).toBeUndefined();
    expect(fileText(plan, 'extensions_tenant.conf')).not.toContain('user:1002');
  });

  it('names each field that has no effect yet', () => {
    const { plan } = settle(
      snapshot({
        users: [
          user('jane', '1001', { followMe: { active: true, numbers: ['+447700900123'] }, sip: { webrtc: true } }),
        ],
      }),
    );

    const condition = conditionOf(plan, 'SipUser', 'jane', 'NotImplementedYet');
    expect(condition?.message).toContain('spec.followMe ');
    expect(condition?.message).toContain('spec.sip.webrtc');
  });

  it('refuses an Organization that does not bear the name of its namespace', () => {
    const plan = compile(snapshot({ organizations: [organization({}, 'other')], users: [user('jane', '1001')] }), NOW);

    expect(conditionOf(plan, 'Organization', 'other', 'Stalled')?.reason).toBe('WrongName');
    expect(conditionOf(plan, 'SipUser', 'jane', 'Stalled')?.reason).toBe('OrganizationMissing');
    expect(plan.bundle).toBeUndefined();
  });

  it('refuses more than the class allows', () => {
    const orgClass = structuredClone(snapshot().classes[0]);
    Object.assign(orgClass?.spec ?? {}, { ceilings: { limits: { concurrentCalls: 10 } } });
    const plan = compile(
      snapshot({
        classes: orgClass ? [orgClass] : [],
        organizations: [organization({ limits: { concurrentCalls: 11 } })],
      }),
      NOW,
    );

    expect(conditionOf(plan, 'Organization', 'acme', 'Stalled')).toMatchObject({
      reason: 'AboveCeiling',
      message: expect.stringContaining('spec.limits.concurrentCalls'),
    });
  });

  it('keeps a disabled user’s credentials and renders nothing of the user', () => {
    const { snapshot: before, plan } = settle(snapshot({ users: [user('jane', '1001')] }));
    const after = carryOut(before, plan);
    const disabled = settle(withParts(after, { users: [user('jane', '1001', { enabled: false })] })).plan;

    expect(fileText(disabled, 'pjsip_endpoint.conf')).not.toContain('acme_1001');
    expect(disabled.prune).toEqual([]);
  });

  it('nudges only a pod that has an address', () => {
    const pod = { name: 'acme-pbx-0', uid: 'x', ready: false, terminating: false, annotations: {}, cordoned: false };
    expect(settle(snapshot({ pod })).plan.nudge).toBeUndefined();
    expect(settle(snapshot({ pod: { ...pod, ip: '10.0.0.1' } })).plan.nudge).toMatchObject({ pod: 'acme-pbx-0' });
  });

  it('writes no status and nudges no pod before the first report, and does all else', () => {
    const pod = { name: 'acme-pbx-0', uid: 'x', ready: true, terminating: false, annotations: {}, cordoned: false };
    const unheard = { current: false, silentSeconds: 0, pending: true };
    const here = snapshot({ pod: { ...pod, ip: '10.0.0.1' }, agent: unheard, users: [user('jane', '1001')] });
    const { plan } = settle(here);

    expect(plan).toMatchObject({ statuses: [], events: [] });
    expect(plan.nudge).toBeUndefined();
    expect(plan.apply.map(({ kind }) => kind)).toContain('StatefulSet');
    expect(settle({ ...here, agent: { ...unheard, pending: false } }).plan.statuses).not.toEqual([]);
  });

  it('gives a re-created user another password', () => {
    const { snapshot: before, plan } = settle(snapshot({ users: [user('jane', '1001')] }));
    const again = user('jane', '1001');
    again.metadata.uid = 'another';
    const reborn = compile(
      withParts(carryOut(before, plan), {
        users: [again],
        secrets: withOwner(carryOut(before, plan).secrets, 'uid-jane'),
      }),
      NOW,
    );

    expect(reborn.secretRequests.map(({ key }) => key)).toContain('password');
  });
});

const NASTY = [
  'a\nb=c',
  '"; [x]',
  '${SHELL(id)}',
  '#include x',
  'x\\',
  ';--',
  '\r\n[evil]\ntype=endpoint',
  '>',
  '\u2028[x]',
  '=>',
  ',a,b',
  '|',
  '(!)',
];

function withName(fullName: string) {
  const jane = user('jane', '1001');
  Object.assign(jane.spec, { fullName });
  return snapshot({ users: [jane, user('john', '1002', {}, 2)] });
}

/** Everything of the files but the words of the name. */
function structure(plan: { bundle?: { texts: ReadonlyMap<string, string> } }): unknown {
  const texts = plan.bundle?.texts ?? new Map<string, string>();
  return [...texts].map(([key, text]) => [
    key,
    text
      .split('\n')
      .map(line =>
        /^callerid=/.test(line)
          ? (line.match(/[;"<>[\]=]/g) ?? []).join('')
          : /^[a-p]{24} =>/.test(line)
            ? (line.match(/[;,[\]=>]/g) ?? []).join('')
            : line,
      ),
  ]);
}

function plain(plan: ReturnType<typeof compile>): unknown {
  return { ...plan, bundle: plan.bundle && { manifest: plan.bundle.manifest, texts: [...plan.bundle.texts] } };
}

function withOwner(secrets: ReadonlyMap<string, ReturnType<typeof secret>>, ownerUid: string) {
  return new Map([...secrets].map(([name, view]) => [name, { ...view, ownerUid }]));
}

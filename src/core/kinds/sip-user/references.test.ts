import { describe, expect, it } from 'vitest';
import {
  carryOut,
  conditionOf,
  fileText,
  location,
  NOW,
  type Parts,
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

/** What leads to something that exists and is not in service says so, and its callers hear "unavailable", not nothing. */
const UNAVAILABLE = 'hangup:19';

const MAIN = (destination: Record<string, unknown>) => phoneNumber('main', '+914412345678', { destination });
const stalled = (plan: Plan, kind: string, name: string) => conditionOf(plan, kind, name, 'Stalled');
const dialplan = (plan: Plan): string => fileText(plan, 'extensions_tenant.conf');

const OFF: readonly (readonly [string, Parts, string])[] = [
  ['a disabled user', { users: [user('bob', '1002', { enabled: false })] }, 'Disabled'],
  ['a user whose extension is reserved', { users: [user('bob', '112')] }, 'ReservedExtension'],
  [
    'a user without a password',
    { users: [user('bob', '1002', { sip: { passwordSecretRef: { name: 'gone', key: 'x' } } })] },
    'SecretNotFound',
  ],
];

describe.each(OFF)('%s', (_what, more, why) => {
  it('as a destination is said by the number, and answers "unavailable"', () => {
    const { plan } = settle(snapshot({ ...more, numbers: [MAIN({ user: { name: 'bob' } })] }));

    expect(stalled(plan, 'PhoneNumber', 'main')).toMatchObject({
      reason: 'ReferenceNotReady',
      message: expect.stringContaining(why),
    });
    expect(dialplan(plan)).toContain(`Set(ARRAY(RF_NEXT)=${UNAVAILABLE})`);
  });
});

describe('a user who is turned off', () => {
  const jane = user('jane', '1001', { ring: { onNoAnswer: { user: { name: 'bob' } } } });
  const bob = (enabled: boolean) => user('bob', '1002', { enabled }, 2);

  it('is reported by whoever leads to the user, and no longer once the user is in service again', () => {
    const { snapshot: before, plan } = settle(snapshot({ users: [jane, bob(true)] }));
    expect(stalled(plan, 'SipUser', 'jane')).toBeUndefined();
    const after = carryOut(before, plan);

    const off = compile(withParts(after, { users: [after.objects.SipUser[0] ?? jane, bob(false)] }), NOW);
    expect(stalled(off, 'SipUser', 'jane')).toMatchObject({
      reason: 'ReferenceNotReady',
      message: expect.stringContaining('bob'),
    });
    expect(dialplan(off)).not.toContain('user:1002');

    const back = compile(
      withParts(carryOut(after, off), { users: [after.objects.SipUser[0] ?? jane, bob(true)] }),
      NOW,
    );
    expect(stalled(back, 'SipUser', 'jane')).toBeUndefined();
    expect(dialplan(back)).toContain('user:1002');
  });

  it('is reported by an extension that leads to the user, too', () => {
    const { plan } = settle(snapshot({ users: [bob(false)], numbers: [MAIN({ extension: '1002' })] }));
    expect(stalled(plan, 'PhoneNumber', 'main')?.reason).toBe('ReferenceNotReady');
  });
});

describe('a mailbox that is not there', () => {
  it.each([
    ['off', { enabled: false }, 'voicemail.enabled'],
    ['without a PIN', { pinSecretRef: { name: 'pins', key: 'x' } }, 'no PIN'],
  ])('(%s) is said by what leads there', (_what, voicemail, why) => {
    const bob = user('bob', '1002', { voicemail });
    const { plan } = settle(snapshot({ users: [bob], numbers: [MAIN({ voicemail: { name: 'bob' } })] }));

    expect(stalled(plan, 'PhoneNumber', 'main')).toMatchObject({
      reason: 'ReferenceNotReady',
      message: expect.stringContaining(why),
    });
    expect(dialplan(plan)).toContain(UNAVAILABLE);
  });

  it('is one whose PIN has the line break of a shell at its end: it is there', () => {
    const bob = user('bob', '1002', { voicemail: { pinSecretRef: { name: 'pins', key: 'x' } } });
    const { plan } = settle(
      snapshot({
        users: [bob],
        numbers: [MAIN({ voicemail: { name: 'bob' } })],
        secrets: new Map([['pins', secret('pins', { x: '4711\n' })]]),
      }),
    );

    expect(stalled(plan, 'PhoneNumber', 'main')).toBeUndefined();
    expect(fileText(plan, 'voicemail_users.conf')).toContain(' => 4711,');
  });
});

describe('a trunk that is out of service', () => {
  it('is said by the number and by the Location that name it; the number can still be dialled inside', () => {
    const { plan } = settle(
      snapshot({
        users: [user('jane', '1001')],
        trunks: [trunk('tata', { enabled: false })],
        numbers: [
          phoneNumber('main', '+914412345678', { trunk: { name: 'tata' }, destination: { user: { name: 'jane' } } }),
        ],
        locations: [location('office', { country: 'IN', emergency: { trunk: { name: 'tata' } } })],
      }),
    );

    for (const [kind, name] of [
      ['PhoneNumber', 'main'],
      ['Location', 'office'],
    ] as const)
      expect(stalled(plan, kind, name)).toMatchObject({
        reason: 'ReferenceNotReady',
        message: expect.stringContaining('Trunk tata'),
      });
    expect(dialplan(plan)).toContain('Set(ARRAY(RF_NEXT)=user:1001)');
  });
});

describe('a password', () => {
  const own = (text: string) =>
    settle(
      snapshot({
        users: [user('bob', '1002', { sip: { passwordSecretRef: { name: 'own', key: 'x' } } })],
        secrets: new Map([['own', secret('own', { x: text })]]),
      }),
    ).plan;

  it('is the same with the line break of a shell at its end', () => {
    expect(fileText(own('hunter2222\n'), 'pjsip_auth.conf')).toBe(fileText(own('hunter2222'), 'pjsip_auth.conf'));
    expect(stalled(own('hunter2222\n'), 'SipUser', 'bob')).toBeUndefined();
  });

  it.each(['hunter\n2222', 'pässword2', 'hunter2222\t', 'short'])('%j is refused, with the reason', text => {
    expect(stalled(own(text), 'SipUser', 'bob')).toMatchObject({
      reason: 'InvalidPassword',
      message: expect.stringContaining('Secret own'),
    });
  });
});

describe('a SIP address', () => {
  const desk = (name: string, extension: string, age: number, address = 'desk') =>
    user(name, extension, { sip: { address } }, age);

  it('is the older one’s, whoever is listed first; the younger one’s phone rings on, and the status says so', () => {
    const { plan } = settle(snapshot({ users: [desk('young', '1001', 9), desk('old', '1002', 1)] }));

    expect(stalled(plan, 'SipUser', 'young')).toMatchObject({
      reason: 'AddressTaken',
      message: expect.stringContaining('SipUser old'),
    });
    expect(stalled(plan, 'SipUser', 'old')).toBeUndefined();
    expect(dialplan(plan).match(/^exten => desk,/gm)).toHaveLength(1);
    expect(dialplan(plan)).toContain('exten => desk,1,Set(ARRAY(RF_EXTEN)=1002)');
    expect(fileText(plan, 'pjsip_endpoint.conf')).toContain('[acme_1001](user)');
  });

  it('is free when its holder takes another', () => {
    const { snapshot: before, plan } = settle(snapshot({ users: [desk('young', '1001', 9), desk('old', '1002', 1)] }));
    const after = carryOut(before, plan);
    const next = compile(
      withParts(after, {
        users: [after.objects.SipUser[0] ?? desk('young', '1001', 9), desk('old', '1002', 1, 'bench')],
      }),
      NOW,
    );

    expect(stalled(next, 'SipUser', 'young')).toBeUndefined();
    expect(dialplan(next)).toContain('exten => desk,1,Set(ARRAY(RF_EXTEN)=1001)');
  });

  it.each(['anonymous', 'failed', 'asterisk', 'acme_1002'])('may not be %s', address => {
    const { plan } = settle(snapshot({ users: [desk('jane', '1001', 1, address)] }));

    expect(stalled(plan, 'SipUser', 'jane')?.reason).toBe('ReservedAddress');
    expect(dialplan(plan)).not.toContain(`exten => ${address},`);
  });
});

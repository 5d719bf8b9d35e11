import { describe, expect, it } from 'vitest';
import {
  fileText,
  location,
  organization,
  type Parts,
  phoneNumber,
  settle,
  snapshot,
  trunk,
  user,
  withParts,
} from '../../../test/snapshots.ts';

const ORGANIZATION = { location: { country: 'IN' } };

function tenant(parts: Parts, spec: Record<string, unknown> = ORGANIZATION) {
  return settle(snapshot({ organizations: [organization(spec)], ...parts })).plan;
}

/** Numbers of a context of extensions_tenant.conf. */
function numbersOf(text: string, context: string): string[] {
  const [, body = ''] = new RegExp(`^\\[${context}\\]\\n((?:exten[^\\n]*\\n)*)`, 'm').exec(`${text}\n`) ?? [];
  return [...body.matchAll(/^exten => (\d+),1,Return\(\)$/gm)].map(([, number = '']) => number);
}

function variable(text: string, extension: string, name: string): string | undefined {
  const [, names = '', values = ''] =
    new RegExp(`^exten => ${extension},1,Set\\(ARRAY\\(([^)]*)\\)=([^)]*)\\)`, 'm').exec(text) ?? [];
  return values.split(',')[names.split(',').indexOf(name)];
}

function ready(plan: ReturnType<typeof tenant>, kind: string, name: string) {
  const status = plan.statuses.find(one => one.kind === kind && one.name === name)?.status;
  return (status?.['conditions'] as { type: string; reason: string; message: string }[]).find(
    ({ type }) => type === 'Ready',
  );
}

function condition(plan: ReturnType<typeof tenant>, type: string) {
  const status = plan.statuses.find(({ kind }) => kind === 'Organization')?.status;
  return (status?.['conditions'] as { type: string; status: string; message: string }[]).find(one => one.type === type);
}

describe('emergency numbers', () => {
  it.each([
    ['of the organization’s country', {}, undefined, ORGANIZATION, 'em', ['100', '101', '102', '108', '112', '911']],
    [
      'of the Location of the organization',
      {},
      undefined,
      { location: { name: 'office' } },
      'em-office',
      ['110', '112', '911'],
    ],
    [
      'of the user’s own Location',
      { location: { name: 'office' } },
      undefined,
      ORGANIZATION,
      'em-office',
      ['110', '112', '911'],
    ],
    [
      'that the Location names',
      { location: { name: 'office' } },
      ['5', '55'],
      ORGANIZATION,
      'em-office',
      ['112', '55', '911'],
    ],
    [
      'of a Location that is not there',
      { location: { name: 'nowhere' } },
      undefined,
      ORGANIZATION,
      'em',
      ['100', '101', '102', '108', '112', '911'],
    ],
  ])('%s', (_what, spec, named, org, context, numbers) => {
    const emergency = named ? { numbers: named.filter(number => number.length > 1) } : undefined;
    const locations = [location('office', { country: 'DE', ...(emergency && { emergency }) })];
    const text = fileText(tenant({ users: [user('jane', '1001', spec)], locations }, org), 'extensions_tenant.conf');

    expect(variable(text, '1001', 'U_EM_NUMBERS')).toBe(context);
    expect(numbersOf(text, context)).toEqual(numbers);
  });

  it('of all Locations stand together for an engine of before its roll', () => {
    const text = fileText(tenant({ locations: [location('office', { country: 'DE' })] }), 'extensions_tenant.conf');

    expect(numbersOf(text, 'emergency')).toEqual(['100', '101', '102', '108', '110', '112', '911']);
  });

  it('are those of whom nobody overrides; 112 and 911 of nobody', () => {
    const spec = { ...ORGANIZATION, extensions: { overEmergency: ['100', '101'] } };
    const plan = tenant({ users: [user('room', '100')] }, spec);
    const text = fileText(plan, 'extensions_tenant.conf');

    expect(numbersOf(text, 'em')).toEqual(['101', '102', '108', '112', '911']);
    expect(condition(plan, 'EmergencyNumbersOverridden')?.message).toContain('Extensions 100 ring a phone instead of');
    for (const number of ['112', '911'])
      expect(() => organization({ extensions: { overEmergency: [number] } })).toThrow(
        '112 and 911 always call for help',
      );
  });
});

describe('an extension that is an emergency number', () => {
  it('of the user’s Location is refused to a new user', () => {
    const plan = tenant({ users: [user('room', '100')] });

    expect(ready(plan, 'SipUser', 'room')).toMatchObject({ reason: 'ReservedExtension' });
    expect(fileText(plan, 'pjsip_endpoint.conf')).not.toContain('acme_100]');
  });

  it('of a Location elsewhere is an extension like any other', () => {
    const plan = tenant({ users: [user('room', '110')], locations: [location('office', { country: 'DE' })] });

    expect(fileText(plan, 'pjsip_endpoint.conf')).toContain('[acme_110](user)');
    expect(ready(plan, 'Location', 'office')?.message).toBe('The PBX pod does not report its state yet');
  });

  it('of a user whose phone works keeps ringing when its Location becomes another, and both report it', () => {
    const users = [user('room', '110', { location: { name: 'office' } })];
    const before = settle(
      snapshot({
        organizations: [organization(ORGANIZATION)],
        users,
        locations: [location('office', { country: 'IN' })],
      }),
    );
    const { plan } = settle(withParts(before.snapshot, { locations: [location('office', { country: 'DE' })] }));

    expect(fileText(plan, 'pjsip_endpoint.conf')).toContain('[acme_110](user)');
    expect(ready(plan, 'SipUser', 'room')?.message).toContain('emergency number of Location office');
    expect(ready(plan, 'Location', 'office')?.message).toContain('110 (SipUser room)');
  });
});

describe('the trunk of an emergency call', () => {
  const locations = [
    location('office', { country: 'IN', emergency: { trunk: { name: 'second' }, callerId: { name: 'lobby' } } }),
  ];
  const numbers = [phoneNumber('lobby', '+914412345679')];
  const users = [user('jane', '1001')];
  const org = { location: { name: 'office' } };

  it.each([
    ['works', {}, 'second', 'The PBX pod does not report its state yet'],
    ['is turned off', { enabled: false }, '', 'Trunk second is not in service'],
    ['is refused', { register: { enabled: true } }, '', 'Trunk second is not in service'],
  ])('that %s is asked first, or not at all', (_what, spec, first, message) => {
    const plan = tenant({ users, numbers, locations, trunks: [trunk('first', {}, 1), trunk('second', spec, 2)] }, org);
    const text = fileText(plan, 'extensions_tenant.conf');

    expect(variable(text, '1001', 'U_EM_TRUNK')).toBe(first);
    expect(variable(text, '1001', 'U_EM_CLI')).toBe('+914412345679');
    expect(ready(plan, 'Location', 'office')?.message).toContain(message);
    expect(condition(plan, 'EmergencyCalls')?.status).toBe('True');
  });

  it('is any that works, the oldest first', () => {
    const text = fileText(
      tenant({ trunks: [trunk('young', {}, 3), trunk('old', {}, 1), trunk('off', { enabled: false }, 0)] }),
      'extensions_tenant.conf',
    );

    expect(
      ['1', '2', '3'].map(
        place => new RegExp(`^exten => ${place},1,Set\\(ARRAY\\(RF_OUT_TRUNK\\)=(.*)\\)`, 'm').exec(text)?.[1],
      ),
    ).toEqual(['old', 'young', undefined]);
    expect(text).toContain('RF_TRUNK=old\n');
  });

  it('is none that is left out of the bundle, which would end every call', () => {
    const stored = trunk('bad', {}, 1); // under an older schema
    const bad = { ...stored, spec: { ...stored.spec, identity: { fromUser: 'a b' } } };
    const plan = tenant({ trunks: [bad, trunk('good', {}, 2)] });
    const text = fileText(plan, 'extensions_tenant.conf');

    expect(ready(plan, 'Trunk', 'bad')?.reason).toBe('UnsafeValue');
    expect(text).toMatch(/^exten => 1,1,Set\(ARRAY\(RF_OUT_TRUNK\)=good\)/m);
    expect(text).toContain('RF_TRUNK=good\n');
    expect(condition(tenant({ trunks: [bad] }), 'EmergencyCalls')).toMatchObject({ status: 'False' });
  });

  it.each([
    ['there is none', []],
    ['none works', [trunk('off', { enabled: false })]],
  ])('cannot be found when %s, and the Organization says so', (_what, trunks) => {
    const message = condition(tenant({ trunks }), 'EmergencyCalls');

    expect(message).toMatchObject({
      status: 'False',
      reason: 'NoTrunk',
      message: expect.stringContaining('No emergency call is possible'),
    });
  });
});

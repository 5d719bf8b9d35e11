import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Obj } from '../fake-apiserver/object.ts';
import { Rig } from './operator-rig.ts';

/** What only one on the platform may have: who has it keeps it, and when it lets go the other takes over by itself. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
  for (const tenant of ['elder', 'younger']) {
    rig.namespace(tenant);
    rig.put('Organization', tenant, tenant, { sipDomain: `${tenant}.example` });
    await rig.clock.advance(2_000);
  }
  rig.start();
  await rig.rest();
});
afterEach(() => rig.end());

interface Claim {
  readonly kind: string;
  /** How a tenant asks for it. */
  ask(tenant: string): Obj;
  release(tenant: string): void;
}

const CLAIMS: Readonly<Record<string, Claim>> = {
  'e-mail address': {
    kind: 'SipUser',
    ask: tenant => rig.put('SipUser', tenant, 'ann', { extension: '1001', fullName: 'Ann', email: 'Ann@Mail.example' }),
    release: tenant => void rig.put('SipUser', tenant, 'ann', { extension: '1001', fullName: 'Ann' }),
  },
  'e-mail address of a user who goes': {
    kind: 'SipUser',
    ask: tenant => rig.put('SipUser', tenant, 'ann', { extension: '1001', fullName: 'Ann', email: 'ann@mail.example' }),
    release: tenant => rig.server.delete('SipUser', tenant, 'ann'),
  },
  number: {
    kind: 'PhoneNumber',
    ask: tenant => rig.put('PhoneNumber', tenant, 'main', { number: '+441632960001' }),
    release: tenant => rig.server.delete('PhoneNumber', tenant, 'main'),
  },
  domain: {
    kind: 'Organization',
    ask: tenant => rig.put('Organization', tenant, tenant, { sipDomain: 'shared.example' }),
    release: tenant => void rig.put('Organization', tenant, tenant, { sipDomain: `${tenant}.example` }),
  },
};

describe.each(Object.entries(CLAIMS))('the %s', (_what, { kind, ask, release }) => {
  const ready = (tenant: string, { metadata: { name } }: Obj) => rig.condition(kind, tenant, name);

  it('is the older one’s, then the other’s, and no name of a tenant is revealed', async () => {
    const theirs = ask('elder');
    await rig.clock.advance(2_000);
    const ours = ask('younger');
    await rig.rest();
    const refused = ready('younger', ours);

    expect(ready('elder', theirs)).toMatchObject({ status: 'True' });
    expect(refused).toMatchObject({ status: 'False', reason: 'Conflict' });
    expect(rig.condition(kind, 'younger', ours.metadata.name, 'Stalled')).toMatchObject({ status: 'True' });
    expect(JSON.stringify([rig.server.list(kind, 'younger'), rig.server.list('Event', 'younger')])).not.toContain(
      'elder',
    );

    release('elder');
    await rig.rest();
    expect(ready('younger', ours)).toMatchObject({ status: 'True' });
  });
});

it('keeps the older one’s when it is asked for by a new operator', async () => {
  const { ask } = CLAIMS['number'] as Claim;
  ask('elder');
  await rig.clock.advance(2_000);
  ask('younger');
  await rig.rest();
  rig.kill();
  rig.start('second');
  await rig.rest();

  expect(rig.condition('PhoneNumber', 'elder', 'main')).toMatchObject({ status: 'True' });
  expect(rig.condition('PhoneNumber', 'younger', 'main')).toMatchObject({ status: 'False', reason: 'Conflict' });
});

describe.each([
  [
    'e-mail address',
    'SipUser',
    'ann',
    (email: string) => ({ extension: '1001', fullName: 'Ann', email: `${email}@mail.example` }),
  ],
  ['number', 'PhoneNumber', 'main', (digit: string) => ({ number: `+44163296000${digit.length}` })],
])('the %s of another tenant', (_what, kind, name, spec) => {
  it('cannot be taken by an edit of an older object, nor over a restart', async () => {
    rig.put(kind, 'elder', name, spec('old'));
    await rig.clock.advance(2_000);
    rig.put(kind, 'younger', name, spec('hers'));
    await rig.rest();

    rig.put(kind, 'elder', name, spec('hers'));
    await rig.rest();
    rig.kill();
    rig.start('second');
    await rig.rest();

    expect(rig.condition(kind, 'younger', name)).toMatchObject({ status: 'True' });
    expect(rig.condition(kind, 'elder', name)).toMatchObject({ status: 'False', reason: 'Conflict' });
  });
});

it('leaves the phone of a user whose e-mail address is another tenant’s', async () => {
  rig.user('elder', 'ann', '1001', { email: 'ann@mail.example' });
  await rig.rest();
  rig.user('younger', 'ann', '1001', { email: 'ann@mail.example' });
  await rig.rest();

  expect(rig.condition('SipUser', 'younger', 'ann', 'Stalled')).toMatchObject({ reason: 'Conflict' });
  expect(rig.secret('younger', 'ann-sip')).toBeDefined();
});

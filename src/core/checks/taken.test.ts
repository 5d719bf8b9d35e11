import { expect, it } from 'vitest';
import { phoneNumber, snapshot, user } from '../../../test/snapshots.ts';
import type { PhoneNumber, SipUser } from '../../api/index.ts';
import { evaluate } from '../evaluation.ts';
import type { Claimant } from '../snapshot.ts';
import { claimTaken, extensionTaken } from './taken.ts';

const check = extensionTaken<SipUser>('SipUser', ({ spec }) => spec.extension);

it.each([
  ['keeps it when it is the older', 1, 2, undefined],
  [
    'loses it to an older one',
    2,
    1,
    'belongs to SipUser john, which is older; choose another extension or delete john',
  ],
])('who has an extension %s', (_what, own, other, words) => {
  const jane = user('jane', '1001', {}, own);
  const { index } = evaluate(snapshot({ users: [jane, user('john', '1001', {}, other)] }));

  const violation = index && check(jane, index);

  expect(violation?.reason).toBe(words === undefined ? undefined : 'Conflict');
  expect(violation?.message ?? '').toContain(words ?? '');
});

const holder = (namespace: string, name: string): Claimant => {
  return { kind: 'PhoneNumber', namespace, name, uid: name, createdAt: '', standing: 0 };
};

it.each<[string, Claimant | undefined, boolean, string | undefined]>([
  ['nobody', undefined, false, undefined],
  ['the object itself', holder('acme', 'main'), false, undefined],
  ['another one here', holder('acme', 'other'), false, 'PhoneNumber other'],
  ['another one here, where those do not count', holder('acme', 'other'), true, undefined],
  ['another tenant, who is not named', holder('beta', 'main'), false, 'another organization of this platform'],
  ['another tenant, where only those count', holder('beta', 'main'), true, 'another organization of this platform'],
])('a thing that is had by %s', (_what, one, elsewhere, holderText) => {
  const main = phoneNumber('main', '+442079460000');
  const numbers = new Map(one ? [['+442079460000', one]] : []);
  const { index } = evaluate(snapshot({ numbers: [main], claims: { emails: new Map(), numbers, domains: new Map() } }));
  const taken = claimTaken<PhoneNumber>('numbers', {
    keyOf: ({ spec }) => spec.number,
    say: (key, who) => ({ reason: 'Conflict', message: `${key}: ${who}` }),
    elsewhere,
  });

  expect(index && taken(main, index)?.message).toBe(
    holderText === undefined ? undefined : `+442079460000: ${holderText}`,
  );
});

it('who asks for nothing takes nothing', () => {
  const { index } = evaluate(snapshot());
  const taken = claimTaken<SipUser>('emails', {
    keyOf: ({ spec }) => spec.email,
    say: () => ({ reason: 'Conflict', message: '' }),
  });

  expect(index && taken(user('jane', '1001'), index)).toBeUndefined();
});

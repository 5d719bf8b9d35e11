import { describe, expect, it } from 'vitest';
import { carryOut, NOW, organization, settle, snapshot, user, withParts } from '../../test/snapshots.ts';
import { compile } from '../core/compile.ts';
import { unseen } from './unseen.ts';

const as = (name: string, extension: string): ReturnType<typeof user> => {
  const one = user(name, extension);
  return { ...one, metadata: { ...one.metadata, uid: `SipUser/${name}` } };
};
const [jane, john] = [as('jane', '1001'), as('john', '1002')];
const { snapshot: filled, plan } = settle(snapshot({ organizations: [organization()], users: [jane, john] }));
const before = carryOut(filled, plan);

describe('who is in no file that can be read', () => {
  it.each([
    ['keeps her credentials while one that names her cannot be', ['kind: SipUser\nmetadata: {name: john'], true],
    ['has gone when all can be', [], false],
    ['has gone when those that cannot be do not name her', ['services: {johnny: 1}', 'name: john-2\n'], false],
  ])('%s', (_what, unread, stays) => {
    const invalid = unseen({ unread, objects: snapshot({ users: [jane] }).objects, invalid: [] }, before.children);
    const after = compile(withParts(before, { users: [jane], invalid }), NOW);

    expect(after.prune.map(({ name }) => name)).toEqual(stays ? [] : ['john-sip']);
    expect(after.bundle?.manifest.kept).toEqual(stays ? ['SipUser/john'] : []);
  });

  it('is nobody who is refused, or has no credentials', () => {
    const refused = [{ kind: 'SipUser', metadata: john.metadata, violation: '' }];

    expect(
      unseen({ unread: ['john'], objects: snapshot({ users: [jane] }).objects, invalid: refused }, before.children),
    ).toEqual([]);
    expect(unseen({ unread: ['john'], objects: snapshot().objects, invalid: [] }, [])).toEqual([]);
  });
});

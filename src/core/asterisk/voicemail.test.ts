import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionOf, fileText, type Parts, settle, snapshot, user } from '../../../test/snapshots.ts';
import { bundleManifestSchema } from '../../api/bundle.ts';
import { compile } from '../compile.ts';
import { mailboxId } from '../names.ts';
import type { TenantSnapshot } from '../snapshot.ts';

type Person = ReturnType<typeof user>;

function marked(one: Person): Person {
  return { ...one, metadata: { ...one.metadata, annotations: { 'ringfleet.io/delete': 'purge' } } };
}

describe('a mailbox’s name', () => {
  it('is of letters only, of one length, and another for each person', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 50 }), uids => {
        const names = uids.map(uid => mailboxId({ name: 'jane', uid }));

        expect(names.filter(name => !/^[a-p]{24}$/.test(name))).toEqual([]);
        expect(new Set(names).size).toBe(uids.length);
      }),
    );
  }, 60_000);

  it('is the person’s, whatever extension or name she has', () => {
    const [jane, moved] = [user('jane', '1001'), user('jane', '1012', { fullName: 'Jane Roe' })];
    const again = { ...jane, metadata: { ...jane.metadata, uid: 'another' } };
    const textOf = (one: Person): string => fileText(settle(snapshot({ users: [one] })).plan, 'voicemail_users.conf');

    expect(textOf(jane)).toContain(`\n${mailboxId(jane.metadata)} => `);
    expect(textOf(moved)).toContain(`\n${mailboxId(jane.metadata)} => `);
    expect(textOf(again)).not.toContain(mailboxId(jane.metadata));
  });

  it('is by the object’s name where it has no uid', () => {
    expect(mailboxId({ name: 'jane' })).toBe(mailboxId({ name: 'jane', uid: 'SipUser/jane' }));
    expect(mailboxId({ name: 'jane' })).not.toBe(mailboxId({ name: 'john' }));
  });

  it('is where messages are counted; of a PBX that waits for its roll by extension', () => {
    const { snapshot: before } = settle(snapshot({ users: [user('jane', '1001')] }));
    const status = (name: string): unknown => {
      const mailboxes = { [name]: { new: 2, old: 1 } };
      const restartSafe = { status: 'True', message: '' };
      const report = {
        observed: true,
        restartSafe,
        mailboxes,
        contacts: {},
        trunks: {},
        quarantined: [],
        bundle: { restartPending: [] },
        asteriskVersion: '22',
      };
      const { statuses } = compile(
        { ...before, report: report as unknown as NonNullable<TenantSnapshot['report']> },
        'now',
      );
      return statuses.find(({ kind }) => kind === 'SipUser')?.status;
    };

    for (const name of [mailboxId(user('jane', '1001').metadata), '1001'])
      expect(status(name)).toMatchObject({ voicemail: { new: 2, old: 1 } });
    expect(status('1002')).not.toHaveProperty('voicemail');
  });
});

describe('what the manifest says of mailboxes', () => {
  const [jane, john] = [user('jane', '1001', {}, 1), user('john', '1002', {}, 2)];
  const [janes, johns] = [mailboxId(jane.metadata), mailboxId(john.metadata)];
  const unreadable = { kind: 'SipUser', metadata: marked(john).metadata, violation: 'spec: is wrong' };

  it.each<[string, Parts, { purge: string[]; idle: string[] }]>([
    ['nothing, of those who are there', { users: [jane, john] }, { purge: [], idle: [] }],
    ['who goes with her user', { users: [marked(jane), john] }, { purge: [janes], idle: [] }],
    [
      'who is there, although disabled',
      { users: [jane, marked(user('john', '1002', { enabled: false }, 2))] },
      { purge: [johns], idle: [johns] },
    ],
    [
      'who is there without a mailbox',
      { users: [jane, user('john', '1002', { voicemail: { enabled: false } }, 2)] },
      { purge: [], idle: [johns] },
    ],
    ['who is refused', { users: [jane, user('john', '1001', {}, 2)] }, { purge: [], idle: [johns] }],
    ['who cannot be read', { users: [jane], invalid: [unreadable] }, { purge: [johns], idle: [johns] }],
  ])('%s', (_what, parts, mailboxes) => {
    const manifest = settle(snapshot(parts)).plan.bundle?.manifest;

    expect(manifest?.mailboxes).toEqual(mailboxes);
    expect(bundleManifestSchema.parse(manifest).mailboxes).toEqual(mailboxes);
  });

  it('makes another generation', () => {
    const generation = (...users: Person[]) => settle(snapshot({ users })).plan.bundle?.manifest.generation;

    expect(generation(marked(jane))).not.toBe(generation(jane));
    expect(generation(jane)).toBe(generation(jane));
  });

  it('promises an older agent nothing that it would not find', () => {
    const { plan } = settle(snapshot({ users: [jane] }));

    expect(plan.bundle?.manifest.expects).not.toHaveProperty('mailbox');
    expect(plan.bundle?.manifest.restartFiles).toContain('voicemail.conf');
    expect(fileText(plan, 'voicemail.conf')).not.toContain(janes);
    expect(conditionOf(plan, 'SipUser', 'jane', 'Stalled')?.status).not.toBe('True');
  });
});

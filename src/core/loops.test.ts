import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ofEachKind } from '../api/index.ts';
import type { EvaluatedObjects } from './kinds/index.ts';
import type { EvaluatedUser, ResolvedUser } from './kinds/sip-user/resolve.ts';
import { cutLoops } from './loops.ts';

type Leads = Readonly<Partial<Pick<ResolvedUser, 'onNoAnswer' | 'onBusy' | 'onOffline'>>>;

/** Users by their extensions, with the given destinations. */
function users(leads: Readonly<Record<string, Leads>>): EvaluatedUser[] {
  return Object.entries(leads).map(([extension, words]) => {
    const user = { metadata: { name: `u${extension}` } };
    const resolved = { user, id: extension, extension, onNoAnswer: '', onBusy: '', onOffline: '', ...words };
    return { object: user, degradations: [], notices: [], resolved } as unknown as EvaluatedUser;
  });
}

/** The same users, cut. */
function cut(evaluated: EvaluatedUser[]): readonly EvaluatedUser[] {
  return cutLoops({ ...ofEachKind(() => []), SipUser: evaluated } as EvaluatedObjects).SipUser;
}

const to = (extension: string): Leads => ({ onNoAnswer: `user:${extension}` });

function messagesOf(evaluated: readonly EvaluatedUser[]): Record<string, string> {
  return Object.fromEntries(
    evaluated.flatMap(({ object, degradations }) => degradations.map(({ message }) => [object.metadata.name, message])),
  );
}

describe('a circle', () => {
  it.each([
    ['of one', { 1: to('1') }, { u1: 'u1 → u1' }],
    ['of two', { 1: to('2'), 2: { onBusy: 'extension:1' } }, { u1: 'u1 → u2 → u1', u2: 'u2 → u1 → u2' }],
    [
      'that somebody outside leads into',
      { 1: to('2'), 2: to('3'), 3: to('2') },
      { u2: 'u2 → u3 → u2', u3: 'u3 → u2 → u3' },
    ],
    [
      'of two ways, by the shorter',
      { 1: { onNoAnswer: 'user:2', onBusy: 'user:3' }, 2: to('3'), 3: to('1') },
      { u1: 'u1 → u3 → u1', u2: 'u2 → u3 → u1 → u2', u3: 'u3 → u1 → u3' },
    ],
    ['that is none, since it ends', { 1: to('2'), 2: to('3'), 3: { onNoAnswer: 'voicemail:3' } }, {}],
  ])('%s', (_what, leads, circles) => {
    const found = messagesOf(cut(users(leads as Record<string, Leads>)));

    expect(Object.keys(found).sort()).toEqual(Object.keys(circles).sort());
    for (const [name, circle] of Object.entries(circles)) expect(found[name]).toContain(`: ${circle};`);
  });

  it('is cut for each of its members, and leads nobody on', () => {
    const left = cut(users({ 1: to('2'), 2: to('1'), 3: to('1') }));

    expect(left.map(({ resolved }) => resolved?.onNoAnswer)).toEqual(['hangup:19', 'hangup:19', 'user:1']);
  });

  it('of thousands is found in one look at each, and some of them are named', () => {
    const count = 20_000;
    const leads = Object.fromEntries(
      Array.from({ length: count }, (_, at) => [String(10_000 + at), to(String(10_000 + ((at + 1) % count)))]),
    );
    const found = messagesOf(cut(users(leads)));

    expect(Object.keys(found)).toHaveLength(count);
    expect(found['u10007']).toContain(`${count} users lead to each other, among them u10007, `);
    expect(found['u10007']?.length).toBeLessThan(400);
  });

  it('is found for exactly those who come back to themselves', () => {
    const word = fc.option(
      fc.integer({ min: 0, max: 7 }).map(at => `user:${10 + at}`),
      { nil: '' },
    );
    const one = fc.record({ onNoAnswer: word, onBusy: word, onOffline: word });
    fc.assert(
      fc.property(fc.array(one, { minLength: 8, maxLength: 8 }), list => {
        const leads = Object.fromEntries(list.map((words, at) => [String(10 + at), words as Leads]));
        const reach = (from: string, seen = new Set<string>()): Set<string> => {
          for (const next of Object.values(leads[from] ?? {}).flatMap(text => text?.split(':')[1] ?? []))
            if (!seen.has(next)) reach(next, seen.add(next));
          return seen;
        };
        const back = Object.keys(leads).filter(extension => reach(extension).has(extension));

        expect(Object.keys(messagesOf(cut(users(leads)))).sort()).toEqual(
          back.map(extension => `u${extension}`).sort(),
        );
      }),
    );
  });
});

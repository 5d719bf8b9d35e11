import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ListMemo } from './list-memo.ts';

interface Member {
  readonly name: string;
}

const MEMBERS: readonly Member[] = ['a', 'b', 'c', 'd', 'e'].map(name => ({ name }));
const lists = fc.array(fc.shuffledSubarray([...MEMBERS]), { minLength: 1, maxLength: 6 });

it('makes of any list what making it anew would, and asks of each member once', () => {
  fc.assert(
    fc.property(lists, rows => {
      const each = new ListMemo<object, Member, { of: Member }>();
      const owner = {};
      let before = new Set<Member>();
      for (const members of rows) {
        const made: Member[] = [];
        const make = (of: Member) => {
          made.push(of);
          return { of };
        };
        expect(each.of(owner, members, { make }).map(({ of }) => of)).toEqual(members);
        expect(made).toEqual(members.filter(member => !before.has(member)));
        before = new Set(members);
      }
    }),
  );
});

it('gives the very same list while nothing changes, and of another owner another one', () => {
  const each = new ListMemo<object, Member, object>();
  const [one, other] = [{}, {}];
  const recipe = { make: (member: Member) => ({ member }) };
  const results = each.of(one, [...MEMBERS], recipe);

  expect(each.of(one, [...MEMBERS], recipe)).toBe(results);
  expect(each.of(other, [...MEMBERS], recipe)[0]).not.toBe(results[0]);
  expect(each.of(one, MEMBERS.slice(1), recipe)).toEqual(results.slice(1));
});

it('makes all anew with other inputs, but what holds', () => {
  const each = new ListMemo<object, Member, Member>();
  const owner = {};
  const make = ({ name }: Member) => ({ name });
  const before = each.of(owner, MEMBERS, { inputs: [1], make });
  const holds = ({ name }: Member, sameInputs: boolean) => sameInputs || name === 'b';
  const after = each.of(owner, MEMBERS, { inputs: [2], make, holds });

  expect(after.map((one, at) => one === before[at])).toEqual([false, true, false, false, false]);
  expect(each.of(owner, MEMBERS, { inputs: [2], make, holds })).toBe(after);
});

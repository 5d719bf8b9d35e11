import { describe, expect, it } from 'vitest';
import { fieldsToCome, INHERITABLE } from './not-yet.ts';

const says = (entry: string, spec: object): boolean => fieldsToCome([entry])(spec).length > 0;

describe('a field that is to come', () => {
  it.each<[string, string, object, boolean]>([
    ['that is absent', 'a.b', {}, false],
    ['whose parent is null', 'a.b', { a: null }, false],
    ['whose parent is no object', 'a.b', { a: 'b' }, false],
    ['with a text', 'a.b', { a: { b: 'x' } }, true],
    ['with an empty text', 'a.b', { a: { b: '' } }, false],
    ['that is true', 'a', { a: true }, true],
    ['that is false', 'a', { a: false }, false],
    ['with a number', 'a', { a: 1 }, true],
    ['with 0', 'a', { a: 0 }, false],
    ['with a list', 'a', { a: ['x'] }, true],
    ['with an empty list', 'a', { a: [] }, false],
    ['with members', 'a', { a: { b: false } }, true],
    ['without members', 'a', { a: {} }, false],
    ['with the default None of the schema', 'a', { a: 'None' }, false],
    ['with the default E164 of the schema', 'a', { a: 'E164' }, false],
    ['in the second element of a list', 'list.a', { list: [{}, { a: 'x' }] }, true],
    ['in no element of a list', 'list.a', { list: [{ b: 'x' }, { a: '' }] }, false],
    ['with the default priority of a server', 'servers.priority', { servers: [{ priority: 10 }] }, false],
    ['with another priority', 'servers.priority', { servers: [{ priority: 10 }, { priority: 20 }] }, true],
    ['with the default weight of a server', 'servers.weight', { servers: [{ weight: 1 }] }, false],
    ['with another weight', 'servers.weight', { servers: [{ weight: 10 }] }, true],
    ['of which any value counts, also false', 'a!', { a: false }, true],
    ['of which any value counts, also an empty one', 'a.b!', { a: { b: '' } }, true],
    ['of which any value counts, and that is absent', 'a.b!', { a: {} }, false],
    ['with the one value that counts', 'role=Owner', { role: 'Owner' }, true],
    ['with another value than the one that counts', 'role=Owner', { role: 'User' }, false],
    ['that counts when it is false', 'a.enabled=false', { a: { enabled: false } }, true],
    ['that counts when it is false, and is true', 'a.enabled=false', { a: { enabled: true } }, false],
    ['that counts when it is false, and is absent', 'a.enabled=false', { a: {} }, false],
  ])('%s', (_what, entry, spec, said) => {
    expect(says(entry, spec)).toBe(said);
  });
});

it.each([
  ['a.b', 'spec.a.b'],
  ['a.b!', 'spec.a.b'],
  ['a.b=x', 'spec.a.b'],
])('the entry %s is reported as the field %s', (entry, field) => {
  expect(fieldsToCome([entry])({ a: { b: 'x' } })).toEqual([
    {
      reason: 'NotImplementedYet',
      field,
      message: `${field} is accepted, but has no effect in this release; remove it, or wait for a later release`,
    },
  ]);
});

it('reports every field once, in the order of the entries', () => {
  const found = fieldsToCome(['b', 'list.a', 'c', 'role=Owner', 'role=Admin'])({
    role: 'Admin',
    list: [{ a: 1 }, { a: 2 }],
    b: 'x',
  });

  expect(found.map(({ field }) => field)).toEqual(['spec.b', 'spec.list.a', 'spec.role']);
});

it('has no field twice that users inherit', () => {
  expect(new Set(INHERITABLE).size).toBe(INHERITABLE.length);
});

import { expect, it } from 'vitest';
import { differing } from './diff.ts';
import type { Manifest } from './snapshot.ts';

function config(data: Record<string, string>, more: Record<string, unknown> = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pbx', labels: { app: 'pbx' }, ...more }, data };
}

/** Which members of an object were assigned to; strings have no identity to compare. */
function watched<T extends object>(object: T, writes: string[], path = ''): T {
  return new Proxy(object, {
    get: (target, member) => {
      const value: unknown = Reflect.get(target, member);
      const isPart = typeof value === 'object' && value !== null && typeof member === 'string';
      return isPart ? watched(value, writes, `${path}/${member}`) : value;
    },
    set: (target, member, value) => {
      writes.push(`${path}/${String(member)}`);
      return Reflect.set(target, member, value);
    },
  });
}

it('holds in memory once the texts that are wanted and there', () => {
  const wanted = config({ 'pjsip.conf': 'text' });
  const live = config({ 'pjsip.conf': 'text' }, { uid: 'x', annotations: { note: 'of somebody' } });
  const before = structuredClone(live);
  const writes: string[] = [];

  expect(differing([wanted], [watched(live, writes)])).toEqual([]);
  expect(writes).toEqual(['/apiVersion', '/kind', '/metadata/name', '/metadata/labels/app', '/data/pjsip.conf']);
  expect(live).toStrictEqual(before);
});

it('adds nothing to what is there, although the server leaves out what is empty', () => {
  const wanted = config({}, { annotations: undefined });
  const { data: _, ...live } = config({});
  const before = structuredClone(live);

  expect(differing([wanted], [live])).toEqual([]);
  expect(live).toStrictEqual(before);
});

it('leaves alone what differs', () => {
  const wanted = config({ 'pjsip.conf': 'text' });
  const live = config({ 'pjsip.conf': 'text', 'strange.conf': 'text' });
  const writes: string[] = [];

  expect(differing([wanted], [watched(live, writes)])).toEqual([wanted]);
  expect(writes).toEqual([]);
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from './resource.ts';
import { Store } from './store.ts';
import { olderThan, stripped, watchEvent } from './watch-event.ts';

let store: Store;
let told: string[];

beforeEach(() => {
  store = new Store();
  told = [];
  store.onChange(({ type, object, previous }) =>
    told.push(`${type} ${object.metadata.uid}${previous ? ` from ${previous.metadata.resourceVersion}` : ''}`),
  );
});

const object = (name: string, resourceVersion: string, uid = name, namespace = 'acme'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid, resourceVersion },
});

describe('a store tells', () => {
  it.each<[string, () => void, string[]]>([
    ['what comes', () => store.put(object('b', '2')), ['added b']],
    ['what changes, and from what', () => store.put(object('a', '2')), ['changed a from 1']],
    ['nothing of the same version', () => store.put(object('a', '1')), []],
    ['nothing of what is older, from a watch that is behind', () => store.put(object('a', '0')), []],
    ['what is older, of a server that was set back', () => store.replace([object('a', '0')]), ['changed a from 1']],
    ['what goes', () => store.delete(object('a', '3')), ['deleted a']],
    ['nothing of what it never had', () => store.delete(object('x', '3')), []],
    ['another one of the same name', () => store.put(object('a', '2', 'z')), ['deleted a', 'added z']],
    ['the difference to a list', () => store.replace([object('b', '2')]), ['deleted a', 'added b']],
    ['nothing of a list that is the same', () => store.replace([object('a', '1')]), []],
  ])('%s', (_, change, expected) => {
    store.put(object('a', '1'));
    told.length = 0;
    change();

    expect(told).toEqual(expected);
  });
});

it('finds objects by namespace and name', () => {
  store.replace([object('a', '1'), object('b', '2'), object('a', '3', 'c', 'beta')]);

  expect(store.get('beta', 'a')?.metadata.uid).toBe('c');
  expect(store.list('acme').map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  expect([store.size, store.list('nowhere')]).toEqual([3, []]);
});

describe('what did not change is the same object', () => {
  const version = (resourceVersion: string, more: Record<string, unknown>): KubeObject => ({
    ...object('a', resourceVersion),
    ...structuredClone({ spec: { ring: { seconds: 20 } }, status: { conditions: [] }, ...more }),
  });

  it('in a new version', () => {
    store.put(version('1', {}));
    const before = store.get('acme', 'a');
    store.put(version('2', { status: { conditions: ['Ready'] } }));
    const after = store.get('acme', 'a');

    expect(after).toEqual(version('2', { status: { conditions: ['Ready'] } }));
    expect([after?.['spec'] === before?.['spec'], after?.['status'] === before?.['status']]).toEqual([true, false]);
  });

  it.each<[string, boolean, () => void]>([
    ['of nothing', true, () => store.put(object('a', '1'))],
    ['in another namespace', true, () => store.put(object('a', '3', 'c', 'beta'))],
    ['that comes', false, () => store.put(object('b', '2'))],
    ['that changes', false, () => store.put(object('a', '2'))],
    ['that goes', false, () => store.delete(object('a', '2'))],
    ['that is listed anew', true, () => store.replace([object('a', '1')])],
    ['that a list has no more', false, () => store.replace([])],
  ])('in the list of a namespace, after word %s: %s', (_, same, change) => {
    store.put(object('a', '1'));
    const before = store.list('acme');
    change();

    expect(store.list('acme') === before).toBe(same);
    expect(before.map(({ metadata }) => metadata.resourceVersion)).toEqual(['1']);
  });
});

describe('a line of a watch', () => {
  it.each<[string, string, { code?: number; reason: string }]>([
    ['that is no JSON', '{"type":"ADD', { reason: 'Unreadable' }],
    ['that is null', 'null', { reason: 'Unreadable' }],
    ['of an unknown type', '{"type":"MOVED","object":{"metadata":{}}}', { reason: 'Unreadable' }],
    ['without an object', '{"type":"ADDED"}', { reason: 'Unreadable' }],
    ['that says 410', '{"type":"ERROR","object":{"code":410,"reason":"Expired"}}', { code: 410, reason: 'Expired' }],
    ['with an error about nothing', '{"type":"ERROR"}', { code: 0, reason: 'Unknown' }],
  ])('%s is an error', (_, line, expected) => {
    expect(() => watchEvent(line)).toThrow(expect.objectContaining(expected));
  });
});

it.each([
  ['9', '10', true],
  ['10', '9', false],
  ['10', '10', false],
  ['10', undefined, false],
  ['abc', '10', false],
  ['18446744073709551614', '18446744073709551615', true],
])('version %s is older than %s: %s', (version, known, expected) => {
  expect(olderThan(version, known)).toBe(expected);
});

it('keeps neither managed fields nor the copy of kubectl', () => {
  const type = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', own: 'yes' };
  const kept = stripped({ metadata: { name: 'a', annotations, managedFields: [{}] } } as never, type);

  expect(kept).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', annotations: { own: 'yes' } } });
});

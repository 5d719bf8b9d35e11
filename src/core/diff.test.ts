import { expect, it } from 'vitest';
import { differing } from './diff.ts';
import type { Manifest } from './world.ts';

function config(data: Record<string, string>, more: Record<string, unknown> = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pbx', labels: { app: 'pbx' }, ...more }, data };
}

it('holds in memory once what is wanted and there', () => {
  const wanted = config({ 'pjsip.conf': 'text' });
  const live = config({ 'pjsip.conf': 'text' }, { uid: 'x', annotations: { note: 'of somebody' } });
  const before = structuredClone(live);

  expect(differing([wanted], [live])).toEqual([]);
  expect(live).toEqual(before);
  expect(live['data']).toBe(wanted['data']);
  expect(live.metadata.labels).toBe(wanted.metadata.labels);
});

it('leaves alone what differs', () => {
  const wanted = config({ 'pjsip.conf': 'text' });
  const live = config({ 'pjsip.conf': 'text', 'strange.conf': 'text' });
  const before = structuredClone(live);

  expect(differing([wanted], [live])).toEqual([wanted]);
  expect(live).toEqual(before);
  expect(live.metadata.labels).not.toBe(wanted.metadata.labels);
});

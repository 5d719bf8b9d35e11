import { expect, it } from 'vitest';
import { user } from '../../test/snapshots.ts';
import type { KubeObject } from '../kube/resource.ts';
import { Parsed } from './parsed.ts';

function stored(spec: Record<string, unknown>): KubeObject {
  return { ...user('jane', '1001'), spec: { extension: '1001', fullName: 'Jane', ...spec } } as unknown as KubeObject;
}

it('passes over members of a newer schema and keeps the rest', () => {
  const { valid, invalid } = new Parsed().sort<{ spec: unknown }>([
    stored({ newer: 1, ring: { seconds: 9, newer: {} } }),
  ]);

  expect(invalid).toEqual([]);
  expect(valid[0]?.spec).toMatchObject({ extension: '1001', ring: { seconds: 9 } });
  expect(JSON.stringify(valid)).not.toContain('newer');
});

it.each([
  ['a value of a newer schema', { ring: { seconds: 'Long' } }],
  ['a choice that is new', { ring: { onBusy: { teleport: {} } } }],
])('says of %s that it cannot be read', (_what, spec) => {
  expect(new Parsed().sort([stored(spec)]).invalid).toHaveLength(1);
});

it('has an object in memory once where the schema adds nothing, and tells one with defaults from it', () => {
  const whole = user('jane', '1001') as unknown as KubeObject;
  const [read] = new Parsed().sort<KubeObject>([whole]).valid;
  const [filled] = new Parsed().sort<KubeObject>([stored({})]).valid;

  expect(read).toBe(whole);
  expect(filled).toEqual({ ...whole, spec: { ...(whole['spec'] as object), fullName: 'Jane' } });
});

it('reads the same spec as the same, whatever became of the status', () => {
  const parsed = new Parsed();
  const before = stored({});
  const after = { ...before, metadata: { ...before.metadata, resourceVersion: '2' }, status: { displayName: 'Jane' } };
  const [one] = parsed.sort<{ spec: unknown }>([before]).valid;
  const [other] = parsed.sort<{ spec: unknown; status: unknown }>([after]).valid;
  const [edited] = parsed.sort<{ spec: unknown }>([{ ...after, spec: { extension: '1002', fullName: 'Jane' } }]).valid;

  expect(other?.spec).toBe(one?.spec);
  expect(other?.status).toEqual({ displayName: 'Jane' });
  expect(edited?.spec).toMatchObject({ extension: '1002' });
});

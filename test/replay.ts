import { expect } from 'vitest';
import type { Change } from '../src/kube/store.ts';

/** Objects as `name uid version`, in one order, for comparing two sides. */
export const versions = (
  objects: Iterable<{ metadata: { name: string; uid?: string; resourceVersion?: string } }>,
): string[] =>
  [...objects].map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`).sort();

/** What somebody knows who only listened; it fails where a listener would be confused. */
export function replay(changes: readonly Change[]): Change['object'][] {
  const known = new Map<string, Change['object']>();
  for (const { type, object } of changes) {
    const { namespace, name, uid } = object.metadata;
    const before = known.get(`${namespace}/${name}`);
    expect(`${type} ${name} after ${before?.metadata.uid}`).toBe(
      `${type} ${name} after ${type === 'added' ? undefined : uid}`,
    );
    if (type === 'deleted') known.delete(`${namespace}/${name}`);
    else known.set(`${namespace}/${name}`, object);
  }
  return [...known.values()];
}

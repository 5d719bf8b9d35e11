import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import type { TenantRecord } from '../api/record.ts';
import { Store } from '../kube/store.ts';
import type { Caches } from './caches.ts';
import { RollGuard } from './roll-guard.ts';

const CAUSE = 'image ringfleet-pbx:2';

/** A guard of a cluster with the namespace zoo, whose PBX was replaced ten minutes ago and of which no pod is seen. */
function guardOf(watches: (namespace: string) => boolean): RollGuard {
  const clock = new FakeClock();
  const stores = new Map<string, Store>();
  const store: Caches['store'] = kind => {
    const known = stores.get(kind) ?? new Store();
    stores.set(kind, known);
    return known;
  };
  store('Namespace').put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'zoo', resourceVersion: '1' } });
  const at = new Date(clock.now() - 600_000).toISOString();
  const records = new Map<string, TenantRecord>([['zoo', { replaced: { pod: 'old', cause: CAUSE, at } }]]);
  return new RollGuard({
    caches: { store, watches },
    records: { all: () => records },
    clock,
    channelsOf: () => undefined,
  });
}

describe('a PBX that was replaced and has no pod', () => {
  it('stops a roll', () => {
    const guard = guardOf(() => true);

    expect(guard.awayBut('acme')).toMatchObject([{ namespace: 'zoo', cause: CAUSE, stuck: true }]);
    expect(guard.reserve('acme', CAUSE)).toBe(false);
  });

  it('does not when its namespace is not looked after any more: its pod cannot be seen', () => {
    const guard = guardOf(namespace => namespace === 'acme');

    expect(guard.awayBut('acme')).toEqual([]);
    expect(guard.reserve('acme', CAUSE)).toBe(true);
  });
});

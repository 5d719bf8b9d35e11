import { compile } from '../../src/core/compile.ts';
import type { TenantSnapshot } from '../../src/core/snapshot.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { carryOut, NOW, organization, settle, snapshot, user, withParts } from '../snapshots.ts';
import { duration, percentile, type Row } from './table.ts';

/** The pure part alone: a tenant of 5,000 users, from nothing and after one edit. */
const USERS = 5_000;

export function compileRow(): Row {
  const users = Array.from({ length: USERS }, (_, i) => user(`user-${i}`, String(10_000 + i)));
  const { snapshot: filled, plan } = settle(
    snapshot({ organizations: [organization({ limits: { users: USERS } })], users }),
  );
  let now: TenantSnapshot = carryOut(filled, plan);
  // objects that nobody has seen before, as after a start: what is remembered of them does not help
  const cold = Array.from({ length: 5 }, () => timed(withParts(now, { users: structuredClone(now.objects.SipUser) })));
  timed(now);
  const changed: number[] = [];
  for (let i = 0; i < 20; i++) {
    const edited = user(`user-${i}`, String(10_000 + i), { ring: { seconds: 30 } });
    const metadata = { ...edited.metadata, generation: 2 };
    const users = now.objects.SipUser.map(one => (one.metadata.name === `user-${i}` ? { ...edited, metadata } : one));
    now = withParts(now, { users });
    changed.push(timed(now));
  }
  const [one, whole] = [percentile(changed, 0.5), percentile(cold, 0.5)];
  return {
    what: `compile, tenant of ${USERS} users, one changed / cold (median)`,
    goal: '≤ 10 ms / ≤ 300 ms',
    measured: `${duration(one)} / ${duration(whole)}`,
    met: one <= 10 && whole <= 300,
    numbers: { changed: one, cold: whole },
  };
}

function timed(before: TenantSnapshot): number {
  const began = systemClock.monotonic();
  compile(before, NOW);
  return systemClock.monotonic() - began;
}

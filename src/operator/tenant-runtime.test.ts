import { beforeEach, describe, expect, it } from 'vitest';
import { TenantRuntime, TenantRuntimes } from './tenant-runtime.ts';

/** What is remembered of a tenant, each part by a clock that the test says. */
let tenant: TenantRuntime;

beforeEach(() => {
  tenant = new TenantRuntime('acme');
});

describe('tenants', () => {
  it('are the same ones until they are dropped, and end then', () => {
    const tenants = new TenantRuntimes();
    const first = tenants.of('acme');
    expect([tenants.of('acme'), tenants.find('acme'), tenants.find('beta')]).toEqual([first, first, undefined]);

    tenants.drop('acme');
    expect([first.gone.aborted, tenants.find('acme'), tenants.namespaces]).toEqual([true, undefined, []]);
    expect(tenants.of('acme')).not.toBe(first);
    tenants.drop('beta');
  });
});

describe('nudges', () => {
  it('come at once for a new generation or pod, then ever later', () => {
    const { nudges } = tenant;
    expect(nudges.next('pod', 'one', 0)).toEqual({ value: 'one-0' });
    expect(nudges.next('pod', 'one', 600)).toEqual({ afterMs: 100 });
    expect(nudges.next('pod', 'one', 700)).toEqual({ value: 'one-1' });
    expect(nudges.next('pod', 'one', 700)).toEqual({ afterMs: 1_400 });
    expect(nudges.next('other', 'one', 700)).toEqual({ value: 'one-0' });
    expect(nudges.next('other', 'two', 700)).toEqual({ value: 'two-0' });
    nudges.reset();
    expect(nudges.next('other', 'two', 700)).toEqual({ value: 'two-0' });
  });

  it('are never further apart than half a minute', () => {
    for (let at = 0; at < 20; at++) tenant.nudges.next('pod', 'one', at * 1e6);
    expect(tenant.nudges.next('pod', 'one', 19e6)).toEqual({ afterMs: 30_000 });
  });
});

describe('statuses', () => {
  it('wait two seconds for a bundle that is on its way, and edit upon edit no longer', () => {
    const { statusDebounce } = tenant;
    expect(statusDebounce.leftMs('two', 'one', 0)).toBe(2_000);
    expect(statusDebounce.leftMs('three', 'one', 1_500)).toBe(500);
    expect(statusDebounce.leftMs('three', 'one', 5_000)).toBe(0);
    expect(statusDebounce.leftMs('three', 'three', 5_000)).toBe(0);
    expect(statusDebounce.leftMs('four', 'three', 5_000)).toBe(2_000);
  });

  it.each([
    [undefined, 'one'],
    ['one', undefined],
  ])('wait for none of %s when %s is loaded', (wanted, loaded) => {
    expect(tenant.statusDebounce.leftMs(wanted, loaded, 0)).toBe(0);
  });
});

describe('a PBX', () => {
  it('is quiet when it had no channel for three minutes', () => {
    const { idleTracker } = tenant;
    expect([idleTracker.observe(0, false, 1_000), idleTracker.idleIn(1_000)]).toEqual([false, 180_000]);
    expect([idleTracker.observe(0, false, 180_999), idleTracker.idleIn(180_999)]).toEqual([false, 1]);
    expect([idleTracker.observe(0, false, 181_000), idleTracker.idleIn(181_000)]).toEqual([true, undefined]);
    expect(idleTracker.observe(1, true, 181_001)).toBe(false);
  });

  it('is quiet at once when an operator before has seen that, and not with a channel', () => {
    const { idleTracker } = tenant;
    expect([idleTracker.observe(0, true, 1_000), idleTracker.idleIn(1_000)]).toEqual([true, undefined]);
    expect([idleTracker.observe(2, true, 2_000), idleTracker.idleIn(2_000)]).toEqual([false, undefined]);
  });

  it.each([true, false])('of which nothing is known is what it was: %s', was => {
    expect([tenant.idleTracker.observe(undefined, was, 0), tenant.idleTracker.idleIn(0)]).toEqual([was, undefined]);
  });
});

it('a tenant is being installed until nothing came for 15 seconds', () => {
  const { onboarding } = tenant;
  expect(onboarding.endsIn('12:00:00', 0)).toBe(15_000);
  expect(onboarding.endsIn('12:00:05', 10_000)).toBe(15_000);
  expect(onboarding.endsIn('12:00:05', 24_999)).toBe(1);
  expect(onboarding.endsIn('12:00:05', 25_000)).toBeUndefined();
});

describe('what was refused', () => {
  it('is news once, in any order, and its end is', () => {
    const { rejectedChildren } = tenant;
    expect([
      rejectedChildren.observe(['b', 'a']),
      rejectedChildren.observe(['a', 'b']),
      rejectedChildren.messages,
    ]).toEqual([true, false, ['a', 'b']]);
    expect([rejectedChildren.observe([]), rejectedChildren.observe([]), rejectedChildren.messages]).toEqual([
      true,
      false,
      [],
    ]);
  });

  it('is tried again ever later, not later for a pass in between, and soon when it is refused anew', () => {
    const { rejectedChildren } = tenant;
    expect(rejectedChildren.retryIn(0)).toBeUndefined();
    rejectedChildren.observe(['a']);
    expect([rejectedChildren.retryIn(0), rejectedChildren.retryIn(400), rejectedChildren.retryIn(1_000)]).toEqual([
      1_000, 600, 2_000,
    ]);
    for (let at = 1; at < 20; at++) rejectedChildren.retryIn(at * 1e6);
    expect(rejectedChildren.retryIn(30e6)).toBe(300_000);
    rejectedChildren.observe([]);
    expect(rejectedChildren.retryIn(31e6)).toBeUndefined();
    rejectedChildren.observe(['a']);
    expect(rejectedChildren.retryIn(31e6)).toBe(1_000);
  });
});

import { expect, it } from 'vitest';
import { settle, snapshot } from '../../../test/snapshots.ts';

it.each([
  ['while it may have calls', false, 0],
  ['when it has been idle for a while', true, 1],
])('lets the pod of a PBX be evicted or not %s', (_what, idle, maxUnavailable) => {
  const before = snapshot();
  const { plan } = settle({ ...before, platform: { ...before.platform, idle } });

  expect(plan.apply.find(({ kind }) => kind === 'PodDisruptionBudget')?.['spec']).toEqual({
    maxUnavailable,
    selector: { matchLabels: { 'ringfleet.io/organization': 'acme', 'ringfleet.io/component': 'pbx' } },
  });
});

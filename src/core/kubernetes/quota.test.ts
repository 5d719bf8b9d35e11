import { expect, it } from 'vitest';
import { organization, settle, snapshot } from '../../../test/snapshots.ts';

it('counts each kind that has a limit, once the quota controller knows them', () => {
  const before = snapshot({ organizations: [organization({ limits: { users: 7 } })] });
  const quotaOf = (quotaReady: boolean) =>
    settle({ ...before, platform: { ...before.platform, quotaReady } }).plan.apply.find(
      ({ kind }) => kind === 'ResourceQuota',
    );

  expect(quotaOf(true)?.['spec']).toMatchObject({ hard: { 'count/sipusers.ringfleet.io': '7' } });
  expect(quotaOf(false)).toBeUndefined();
});

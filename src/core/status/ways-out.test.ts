import { describe, expect, it } from 'vitest';
import { IDLE_REPORT, NOW, organization, settle, snapshot, trunk } from '../../../test/snapshots.ts';
import type { TrunkReport } from '../../api/report.ts';
import { compile } from '../compile.ts';
import { conditionsOf } from './conditions.ts';

/** What the Organization says of emergency calls, with two trunks whose carriers are as given. */
function told(reachable: readonly (TrunkReport['reachable'] | undefined)[]) {
  const trunks = [trunk('one', {}, 1), trunk('two', {}, 2)];
  const settled = settle(snapshot({ organizations: [organization()], trunks })).snapshot;
  const entries = reachable.flatMap((state, at) =>
    state ? [[`acme_t-${['one', 'two'][at]}`, { registration: 'Unknown', reachable: state } as const] as const] : [],
  );
  const report = { ...IDLE_REPORT, trunks: Object.fromEntries(entries) };
  const { statuses } = compile({ ...settled, report }, NOW);
  const status = statuses.find(({ kind }) => kind === 'Organization')?.status;
  return conditionsOf(status).find(({ type }) => type === 'EmergencyCalls');
}

describe('emergency calls', () => {
  it.each([
    [['Reachable', 'Unreachable'], 'True'],
    [['Unknown', 'Unreachable'], 'True'],
    [[undefined, undefined], 'True'],
    [['Unreachable', 'Unreachable'], 'Unknown'],
  ] as const)('with carriers that are %j are %s', (reachable, status) => {
    expect(told(reachable)?.status).toBe(status);
  });

  it('that may fail say which trunks, and what to do', () => {
    expect(told(['Unreachable', 'Unreachable'])?.message).toMatch(/Trunk one, two.*optionsSeconds/);
  });
});

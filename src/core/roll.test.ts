import { describe, expect, it } from 'vitest';
import { settle, user, world } from '../../test/worlds.ts';
import type { AgentReport } from '../api/report.ts';
import { compile } from './compile.ts';

const NOW = '2026-01-01T00:00:00Z';

const REPORT: AgentReport = {
  agentVersion: 'test',
  asteriskVersion: '22',
  ready: false,
  draining: false,
  observed: true,
  bundle: { restartPending: [] },
  restartSafe: { status: 'True', message: '' },
  quarantined: [],
  contacts: {},
  trunks: {},
  calls: 0,
  channels: 0,
  mailboxes: {},
};

/** A pod on a cordoned node, whose agent says this; undefined: nothing, for a minute. */
function rolled(report: Partial<AgentReport> | undefined) {
  const before = settle(world({ users: [user('jane', '1001')] })).world;
  const pod = { name: 'acme-pbx-0', uid: 'p', ready: false, terminating: false, cordoned: true, annotations: {} };
  const agent = { current: report !== undefined, silentSeconds: report ? 0 : 60 };
  const plan = compile({ ...before, pod, agent, ...(report && { report: { ...REPORT, ...report } }) }, NOW);
  return { deleted: plan.roll !== undefined, drained: plan.drain !== undefined };
}

describe('a pod that is to go', () => {
  it.each([
    ['has no call: it goes', {}, { deleted: true, drained: false }],
    ['has calls: it is emptied', { calls: 1, channels: 2 }, { deleted: false, drained: true }],
    [
      'has an agent that has not looked yet: it stays as it is',
      { observed: false },
      { deleted: false, drained: false },
    ],
    ['has an agent that never comes up: it goes', undefined, { deleted: true, drained: false }],
  ])('%s', (_what, report, wanted) => {
    expect(rolled(report)).toEqual(wanted);
  });
});

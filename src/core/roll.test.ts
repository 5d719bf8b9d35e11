import { describe, expect, it } from 'vitest';
import { conditionOf, IDLE_REPORT, settle, snapshot, user } from '../../test/snapshots.ts';
import type { AgentReport } from '../api/report.ts';
import { compile } from './compile.ts';
import type { Away, PodView } from './snapshot.ts';

const NOW = '2026-01-01T00:00:00Z';

const REPORT: AgentReport = { ...IDLE_REPORT, ready: false };

/** A pod on a cordoned node, whose agent says this; undefined: nothing, for a minute. */
function rolled(report: Partial<AgentReport> | undefined) {
  const before = settle(snapshot({ users: [user('jane', '1001')] })).snapshot;
  const pod = { name: 'acme-pbx-0', uid: 'p', ready: false, terminating: false, cordoned: true, annotations: {} };
  const agent = { current: report !== undefined, silentSeconds: report ? 0 : 60 };
  const plan = compile({ ...before, pod, agent, ...(report && { report: { ...REPORT, ...report } }) }, NOW);
  return { deleted: plan.roll !== undefined, drained: plan.operations.some(({ verb }) => verb === 'drain') };
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
    [
      'is being emptied, and its agent lost sight of it: it is asked again',
      { observed: false, draining: true },
      { deleted: false, drained: true },
    ],
    ['has an agent that never comes up: it goes', undefined, { deleted: true, drained: false }],
  ])('%s', (_what, report, wanted) => {
    expect(rolled(report)).toEqual(wanted);
  });
});

describe('a pod whose agent cannot be understood', () => {
  it.each<[string, Partial<PodView>, { deleted: boolean }]>([
    ['goes for another image', { image: 'ringfleet:before', templateDigest: 'older' }, { deleted: true }],
    ['stays with the same image', { image: 'ringfleet:test', templateDigest: 'older' }, { deleted: false }],
    ['stays when nothing is to change', { image: 'ringfleet:before' }, { deleted: false }],
  ])('%s', (_what, more, wanted) => {
    const before = settle(snapshot({ users: [user('jane', '1001')] })).snapshot;
    const pod = { name: 'acme-pbx-0', uid: 'p', ready: true, terminating: false, cordoned: false, annotations: {} };
    const agent = { current: false, silentSeconds: 60, unreadable: 'it is no JSON' };
    const plan = compile({ ...before, pod: { ...pod, ...more }, agent }, NOW);

    expect({ deleted: plan.roll !== undefined }).toEqual(wanted);
    const reason = conditionOf(plan, 'Organization', 'acme', 'AgentIncompatible');
    expect(reason).toMatchObject({ status: 'True', message: expect.stringContaining('it is no JSON') });
  });
});

/** A pod of an older template, empty, while these are away. */
function outdated(
  away: readonly Away[],
  { pod: more = {}, ...report }: Partial<AgentReport> & { pod?: Partial<PodView> } = {},
) {
  const before = settle(snapshot({ users: [user('jane', '1001')] })).snapshot;
  const pod: PodView = {
    name: 'acme-pbx-0',
    uid: 'p',
    ready: true,
    terminating: false,
    cordoned: false,
    annotations: {},
    image: 'ringfleet:test',
    templateDigest: 'older',
    ...more,
  };
  const platform = { ...before.platform, away };
  const plan = compile({ ...before, pod, platform, report: { ...REPORT, ready: true, ...report } }, NOW);
  return { plan, reason: conditionOf(plan, 'Organization', 'acme', 'RollPending')?.reason };
}

const TEMPLATE = 'class general';

describe('a pod of an older template', () => {
  it.each<
    [string, Away[], Parameters<typeof outdated>[1], { cause?: string | undefined } | undefined, string | undefined]
  >([
    ['goes when nobody is away', [], {}, { cause: TEMPLATE }, undefined],
    ['waits for who is away for the same', [{ cause: TEMPLATE, stuck: false }], {}, undefined, 'AnotherFirst'],
    [
      'goes before who is away for something else',
      [{ cause: 'class hotel', stuck: true }],
      {},
      { cause: TEMPLATE },
      undefined,
    ],
    [
      'waits with another image for who is away for that image',
      [{ cause: 'image ringfleet:test', stuck: true }],
      { pod: { image: 'ringfleet:before' } },
      undefined,
      'AnotherFirst',
    ],
    [
      'waits for nobody when it never ran',
      [{ cause: TEMPLATE, stuck: true }],
      { pod: { neverRan: true } },
      { cause: undefined },
      undefined,
    ],
    ['waits for its calls', [], { channels: 2 }, undefined, 'CallsUp'],
  ])('%s', (_what, away, more, roll, reason) => {
    const outcome = outdated(away, more);

    expect(outcome.plan.roll && { cause: outcome.plan.roll.cause }).toEqual(roll);
    expect(outcome.reason).toBe(reason);
  });

  it('that is empty is asked again while it waits for its turn', () => {
    const { plan } = outdated([{ cause: TEMPLATE, stuck: false }], { draining: true });

    expect(plan).toMatchObject({ operations: [{ verb: 'drain' }], requeueAfterSeconds: 5 });
    expect(plan.roll).toBeUndefined();
  });

  it('is taken back into service when the one before it does not come back', () => {
    const emptied = { draining: true, channels: 2 };

    expect(outdated([{ cause: TEMPLATE, stuck: false }], emptied).plan.operations).toMatchObject([{ verb: 'drain' }]);
    const { plan } = outdated([{ cause: TEMPLATE, stuck: true }], emptied);
    expect(plan).toMatchObject({ operations: [{ verb: 'undrain' }], rolling: false });
  });
});

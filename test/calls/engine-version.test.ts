import { afterEach, expect, it } from 'vitest';
import { ENGINE } from '../../src/core/asterisk/engine-version.ts';
import { until } from '../../src/runtime/clock.ts';
import { user } from '../snapshots.ts';
import { spoiled } from '../spoiled.ts';
import { AgentRig, bundleFor, loaded } from './agent-rig.ts';
import { freePorts } from './ports.ts';

/** What the agent says of the engine is what Asterisk runs, not what its files or the bundle have. */
const PORT = await freePorts();
let rig: AgentRig;

afterEach(() => rig?.stop());

const told = (version: number): Promise<true> =>
  until(`engine ${version} to be told`, () => rig.agent.report().engine?.version === version || undefined, {
    deadlineMs: 30_000,
  });

it('stays the one that Asterisk started with until the roll, whoever asks', async () => {
  rig = await AgentRig.start(PORT);
  const bundle = bundleFor(PORT, { users: [user('jane', '1001')] });
  const older = spoiled(bundle, 'extensions.conf', text => text.replace(`RF_ENGINE=${ENGINE}`, 'RF_ENGINE=1'));
  await rig.publish(older);
  await loaded(rig, older.manifest.generation);
  await told(1);

  await rig.publish(bundle);
  await loaded(rig, bundle.manifest.generation);
  expect(rig.agent.report().bundle.restartPending).toEqual(['extensions.conf']);
  await rig.stopAgent();
  rig.startAgent();
  await loaded(rig, bundle.manifest.generation);
  await told(1);

  await rig.kill();
  await loaded(rig, bundle.manifest.generation);
  await told(ENGINE);
  expect(rig.agent.report().bundle.restartPending).toEqual([]);
});

import { afterEach, expect, it } from 'vitest';
import type { Bundle } from '../../src/core/plan.ts';
import { until } from '../../src/runtime/clock.ts';
import { user } from '../snapshots.ts';
import { AgentRig, bundleFor, endpoints, loaded } from './agent-rig.ts';
import { freePorts } from './ports.ts';

/** Bundles that the operator brings to the agent, beside the volume, on a real Asterisk. */
const PORT = await freePorts();
let rig: AgentRig;

afterEach(() => rig?.stop());

function numbered(sequence: number, ...names: string[]): Bundle {
  const bundle = bundleFor(PORT, { users: names.map((name, at) => user(name, `100${at + 1}`)) });
  return { ...bundle, manifest: { ...bundle.manifest, sequence } };
}

/** As the operator does it. Brings the keys that the agent asked for. */
async function bring({ manifest, texts }: Bundle): Promise<readonly string[]> {
  const { bundles } = rig.agent;
  const offered = await bundles.offer(JSON.parse(JSON.stringify(manifest)));
  if ('refused' in offered) throw new Error(offered.refused);
  const files = Object.fromEntries(offered.missing.map(key => [key, texts.get(key) ?? '']));
  if (offered.missing.length > 0) expect(await bundles.supply(manifest.generation, files)).toEqual({ missing: [] });
  return offered.missing;
}

const loadedBy = ({ manifest }: Bundle): Promise<void> => loaded(rig, manifest.generation);

it('boots with one before the kubelet has brought any, and takes the next ones file by file', async () => {
  rig = await AgentRig.start(PORT);
  const [first, second] = [numbered(1, 'jane'), numbered(2, 'jane', 'john')];
  expect(await bring(first)).toHaveLength(first.manifest.fragments.length);
  await loadedBy(first);

  const missing = await bring(second);
  await loadedBy(second);

  expect(missing.length).toBeGreaterThan(0);
  expect(missing.length).toBeLessThan(second.manifest.fragments.length / 4);
  expect(await endpoints(rig.agent)).toEqual(['acme_1001', 'acme_1002']);
});

it('keeps what it took over a restart of the agent, whatever older the volume has, and follows a later volume', async () => {
  rig = await AgentRig.start(PORT);
  const [first, second, third] = [numbered(1, 'jane'), numbered(2, 'jane', 'john'), numbered(3, 'jane')];
  await rig.publish(first);
  await loadedBy(first);
  await bring(second);
  await loadedBy(second);

  await rig.stopAgent();
  rig.startAgent();
  await until('the agent to be connected', () => rig.agent.client, { deadlineMs: 20_000 });
  await until('the phones to be told', () => rig.agent.report().observed || undefined, { deadlineMs: 20_000 });
  await expect(rig.agent.bundles.read()).rejects.toThrow('older than 2');
  expect(rig.agent.report().bundle).toMatchObject({ sequence: 2 });
  expect(await endpoints(rig.agent)).toEqual(['acme_1001', 'acme_1002']);
  await bring(second);
  await loadedBy(second);

  await rig.publish(third);
  await loadedBy(third);
  expect(await endpoints(rig.agent)).toEqual(['acme_1001']);
});

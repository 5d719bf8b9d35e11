import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeAgent } from './fake-agents.ts';
import { Rig } from './operator-rig.ts';

/** Bundles by the connection that is there, and by the kubelet when it is cut. */
let rig: Rig;
let agent: FakeAgent;

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('acme');
  rig.start();
  await rig.settle();
  agent = rig.agents.of('acme');
  agent.delivered.length = 0;
});
afterEach(() => rig.end());

/** Adds a user; how long it took until the agent had loaded it, in ms. */
async function edited(name = 'john', extension = '1002'): Promise<number> {
  const { loaded } = agent;
  const begun = rig.clock.monotonic();
  rig.user('acme', name, extension);
  await rig.clock.until('the edit to be loaded', () => agent.loaded !== loaded, { stepMs: 10 });
  return rig.clock.monotonic() - begun;
}

/** The kubelet does not notice what is new for as long as its own period lasts. */
function withoutPokes(): void {
  rig.agents.lostPokes = 1_000;
}

const sequence = () => {
  const data = rig.server.get('ConfigMap', 'acme', 'acme-pbx')?.['data'] as Record<string, string>;
  return (JSON.parse(data['manifest.json'] ?? '{}') as { sequence?: number }).sequence;
};

describe('an edit', () => {
  it('is with the agent before the kubelet could have brought it, and is written no more for that', async () => {
    withoutPokes();
    expect(await edited()).toBeLessThan(120);
    expect(agent.delivered).toEqual(['bundle', 'files']);

    const { loaded } = agent;
    await rig.settle();
    expect(rig.condition('SipUser', 'acme', 'john')).toMatchObject({ status: 'True' });
    expect([agent.loaded, agent.delivered.length]).toEqual([loaded, 2]);
    const { writes } = rig;
    await rig.clock.advance(600_000);
    expect(rig.writes).toBe(writes);
  });

  it.each([
    ['before it is offered', 'bundle', 'before'],
    ['before it is said what is missing', 'bundle', 'after'],
    ['before the files', 'files', 'before'],
    ['before the last answer', 'files', 'after'],
  ] as const)('comes although the connection is cut %s', async (_what, step, when) => {
    agent.cut = (at, how) => at === step && how === when;
    await edited();
    await rig.settle();

    expect(rig.condition('SipUser', 'acme', 'john')).toMatchObject({ status: 'True' });
    expect(agent.delivered[0]).toBe('bundle');
    agent.cut = () => false;
    withoutPokes();
    expect(await edited('zoe', '1003')).toBeLessThan(120);
  });

  it('is taken back by a later bundle, and not by an older one that the kubelet brings late', async () => {
    withoutPokes();
    await edited();
    const first = sequence();
    const { loaded } = agent;
    rig.server.delete('SipUser', 'acme', 'john');
    await rig.clock.until('the edit to be taken back', () => agent.loaded !== loaded, { stepMs: 10 });
    const last = agent.loaded;
    await rig.clock.advance(180_000);

    expect(agent.loaded).toBe(last);
    expect(sequence()).toBe((first ?? 0) + 1);
  });

  it('comes when somebody deleted the manifest, with which the numbers began', async () => {
    await edited();
    await edited('zoe', '1003');
    const before = sequence() ?? 0;
    rig.server.delete('ConfigMap', 'acme', 'acme-pbx');
    await rig.settle();
    withoutPokes();
    expect(sequence()).toBeGreaterThanOrEqual(before);
    expect(await edited('bob', '1004')).toBeLessThan(120);
  });

  it('comes from another operator, who brings what the one before could not', async () => {
    withoutPokes();
    agent.cut = () => true;
    rig.user('acme', 'john', '1002');
    await rig.clock.until('the offer', () => agent.delivered.length > 0, { stepMs: 10 });
    rig.kill();
    agent.cut = () => false;
    const { loaded } = agent;
    rig.start('second');
    await rig.clock.until('the edit to be loaded', () => agent.loaded !== loaded, { limitMs: 60_000 });

    await rig.settle();
    expect(rig.condition('SipUser', 'acme', 'john')).toMatchObject({ status: 'True' });
  });
});

it('asks for nothing more of an agent that cannot take bundles', async () => {
  agent.set({ version: undefined });
  await rig.settle();
  await edited();

  expect(agent.delivered).toEqual([]);
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** What falls due while a pass waits for the API server is seen to soon after, and not an hour later. */
const IDLE_MS = 180_000;
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('acme');
  const data = { username: btoa('acme'), password: btoa('secret') };
  rig.server.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'carrier', namespace: 'acme' }, data });
  rig.put('Trunk', 'acme', 'carrier', {
    servers: [{ name: 'one', host: '192.0.2.1', port: 5060 }],
    credentialsSecretRef: { name: 'carrier' },
    register: { enabled: true },
  });
  rig.start();
  await rig.settle();
});
afterEach(() => rig.end());

/** Whether the budget lets the pod be evicted. */
function mayGo(): boolean {
  const { maxUnavailable } = rig.server.get('PodDisruptionBudget', 'acme', 'acme-pbx')?.['spec'] as {
    maxUnavailable?: number;
  };
  return maxUnavailable === 1;
}

it('lets a PBX go that became quiet in the midst of a pass', async () => {
  const agent = rig.agents.of('acme');
  agent.set({ calls: 1, channels: 2 });
  await rig.rest();
  expect(mayGo()).toBe(false);
  agent.set({ calls: 0, channels: 0 });
  await rig.clock.advance(IDLE_MS - 1_000);
  expect(mayGo()).toBe(false);

  // a pass that has to read a Secret anew, and is asked to retry after three seconds
  const reads = { verb: 'get', plural: 'secrets', namespace: 'acme', name: 'carrier' } as const;
  rig.server.faults.throttle(reads, 3);
  rig.server.patch('Secret', { namespace: 'acme', name: 'carrier' }, { metadata: { labels: { somebody: 'here' } } });
  await rig.clock.until('the read', () => rig.server.requests(reads).at(-1)?.code === 429, {
    stepMs: 10,
    limitMs: 900,
  });
  await rig.clock.advance(10_000);

  expect(mayGo()).toBe(true);
});

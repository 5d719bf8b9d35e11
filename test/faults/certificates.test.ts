import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** Certificates are renewed in time although nothing else happens: the agent's, and that of a leader of many days. */
const DAY_MS = 86_400_000;
const DAYS = 61;
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started({ agoMs: DAYS * DAY_MS });
  rig.tenant('acme');
  rig.start();
  await rig.settle();
});
afterEach(() => rig.end());

const certificate = (): string | undefined => rig.secret('acme', 'acme-pbx-tls', 'tls.crt');

it('renews the certificates of an unchanged world, and hears its agents all the while', async () => {
  const agent = rig.agents.of('acme');
  const [before, peer] = [certificate(), agent.peer];
  rig.clock.jump(DAYS * DAY_MS);
  await rig.clock.advance(3_700_000);
  agent.disconnect();
  await rig.rest();
  agent.set({ calls: 3 });
  await rig.rest();

  expect(certificate()).not.toBe(before);
  expect(agent.peer).not.toBe(peer);
  expect(rig.agents.of('acme')).toBe(agent);
  const status = rig.server.get('Organization', 'acme', 'acme')?.['status'] as { pbx: { pods: unknown[] } };
  expect(status.pbx.pods).toEqual([expect.objectContaining({ calls: 3 })]);
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** A PBX that runs an engine of before what its tenant asks for: a fallback until its roll, whoever leads. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('acme');
  rig.user('acme', 'john', '1002', { ring: { onNoAnswer: { user: { name: 'jane' } } } });
  rig.start();
  await rig.settle();
});
afterEach(() => rig.end());

const ready = () => rig.condition('SipUser', 'acme', 'john');
const dialplan = () => JSON.stringify(rig.server.list('ConfigMap', 'acme'));

it('is reported, costs no write when another operator leads, and is over with the roll', async () => {
  expect(ready()).toMatchObject({ status: 'True' });
  rig.agents.of('acme').set({ engine: { version: 0 } });
  await rig.settle();

  expect(ready()).toMatchObject({ status: 'False', reason: 'EngineOutdated' });
  expect(dialplan()).not.toContain('user:1001');
  const { writes } = rig;
  rig.kill();
  rig.start('second');
  await rig.settle();
  expect(rig.writes).toBe(writes);

  const pbx = { resources: { requests: { cpu: '5' } } };
  rig.server.patch('OrganizationClass', { name: 'general' }, { spec: { pbx } });
  await rig.settle();
  expect(ready()).toMatchObject({ status: 'True' });
  expect(dialplan()).toContain('user:1001');
});

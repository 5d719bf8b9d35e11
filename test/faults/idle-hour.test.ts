import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** An unchanged world costs nothing, however long it lasts and whoever looks at it. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
});
afterEach(() => rig.end());

it('becomes ready', async () => {
  rig.tenant('acme', { jane: '1001', john: '1002' });
  rig.start();
  await rig.rest();
  expect(rig.condition('Organization', 'acme', 'acme')).toMatchObject({ status: 'True' });
  expect(rig.condition('SipUser', 'acme', 'jane')).toMatchObject({ status: 'True' });
  console.log(rig.clock.monotonic(), rig.server.writes().map(w => `${w.verb} ${w.plural}/${w.name} ${w.subresource} ${w.code}`).join('\n'));
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** An unchanged world costs nothing, however long it lasts and whoever looks at it. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('acme', { jane: '1001', john: '1002' });
  rig.tenant('beta', { jane: '1001' });
});
afterEach(() => rig.end());

const HOUR_MS = 3_600_000;

it('writes nothing but the lease in an hour, while phones refresh and nodes tell that they live', async () => {
  rig.start();
  await rig.rest();
  rig.agents.of('acme').set({ contacts: { acme_1001: [contact] } });
  await rig.settle();
  const before = asked('operator').length;

  for (let minute = 0; minute < 60; minute++) {
    rig.agents.of('acme').set({ contacts: { acme_1001: [{ ...contact }] } });
    await rig.clock.advance(HOUR_MS / 60);
  }

  expect(asked('operator').slice(before)).toEqual([]);
  expect(rig.condition('SipUser', 'acme', 'jane', 'Registered')).toMatchObject({ status: 'True' });
});

it('asks for no write when another operator starts over a settled world', async () => {
  rig.start('first');
  await rig.settle();
  rig.terminate('first');
  await rig.clock.advance(1_000);

  rig.start('second');
  await rig.settle();

  expect(rig.leader).toBe('second');
  expect(asked('second')).toEqual([]);
});

/** What was asked to be written, whether it changed anything or not. */
function asked(client: string): string[] {
  return rig.server
    .writes({ client })
    .filter(({ plural }) => plural !== 'leases')
    .map(({ verb, plural, namespace, name }) => `${verb} ${plural} ${namespace}/${name}`);
}

const contact = {
  uri: 'sip:1001@192.0.2.7:5060',
  userAgent: 'phone',
  source: '192.0.2.7:5060',
  transport: 'UDP',
  since: '2026-01-01T00:00:00Z',
  state: 'Reachable',
} as const;

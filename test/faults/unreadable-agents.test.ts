import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** Agents of a release with which the operator has no words in common: nothing is known of their PBXs, and they go on. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('acme');
  rig.tenant('other');
  rig.start();
  await rig.settle();
});
afterEach(() => rig.end());

const incompatible = () => rig.condition('Organization', 'acme', 'acme', 'AgentIncompatible');
const uid = () => rig.server.get('Pod', 'acme', 'acme-pbx-0')?.metadata.uid;
const later = JSON.stringify({ version: 99, shape: 'quite another' });

function image(name: string): void {
  rig.server.patch('OrganizationClass', { name: 'general' }, { spec: { pbx: { image: name } } });
}

it('are said on the Organization, and cost no writes', async () => {
  rig.agents.of('acme').say(later);
  await rig.settle();

  expect(incompatible()).toMatchObject({ status: 'True', reason: 'ReportUnreadable' });
  expect(incompatible()?.message).toContain('it is of version 99');
  expect(incompatible()?.message).toContain('pbx.image');
  expect(rig.condition('SipUser', 'acme', 'jane', 'Ready')).toMatchObject({ reason: 'PbxUnavailable' });
  expect(rig.condition('SipUser', 'other', 'jane', 'Ready')).toMatchObject({ status: 'True' });
  const { writes } = rig;
  for (let minute = 0; minute < 10; minute++) {
    rig.agents.of('acme').say(later);
    await rig.clock.advance(60_000);
  }
  expect(rig.writes).toBe(writes);
});

it('get what is edited', async () => {
  const agent = rig.agents.of('acme');
  const { loaded } = agent;
  agent.say(later);
  await rig.settle();
  rig.user('acme', 'john', '1002');
  await rig.clock.until('the new bundle to be there', () => agent.loaded !== loaded);
});

it('are read again as soon as they can be', async () => {
  rig.agents.of('acme').say(later);
  await rig.settle();
  rig.agents.of('acme').say(undefined);
  await rig.settle();

  expect(incompatible()).toBeUndefined();
  expect(rig.condition('SipUser', 'acme', 'jane', 'Ready')).toMatchObject({ status: 'True' });
});

it('are replaced when another image is wanted, and not for anything else', async () => {
  const before = uid();
  rig.agents.of('acme').say(later);
  await rig.settle();
  rig.server.patch(
    'OrganizationClass',
    { name: 'general' },
    { spec: { pbx: { resources: { requests: { cpu: '5' } } } } },
  );
  await rig.settle();
  expect(uid()).toBe(before);

  image('ringfleet:next');
  await rig.settle();

  expect(uid()).not.toBe(before);
  expect(incompatible()).toBeUndefined();
  expect(rig.condition('SipUser', 'acme', 'jane', 'Ready')).toMatchObject({ status: 'True' });
});

it('stop a roll when those of the new image cannot be read either, if they do not serve', async () => {
  rig.agents.of('acme').say(later);
  await rig.settle();
  rig.fate = () => 'no image';
  image('ringfleet:bad');
  await rig.clock.advance(600_000);

  const serving = ['acme', 'other'].filter(name => {
    const { conditions = [] } = (rig.server.get('Pod', name, `${name}-pbx-0`)?.['status'] ?? {}) as {
      conditions?: { type: string; status: string }[];
    };
    return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  });
  expect(serving).toHaveLength(1);
});

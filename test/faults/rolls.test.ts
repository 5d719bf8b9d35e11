import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fate } from '../fake-apiserver/controllers.ts';
import type { Obj } from '../fake-apiserver/object.ts';
import { Rig } from './operator-rig.ts';

/** The provider edits a class, and every PBX of it is to be replaced: one is away at a time, and one tenant's trouble stays its own. */
let rig: Rig;
/** Whose pods went, in order. */
let gone: { readonly tenant: string }[];

beforeEach(async () => {
  rig = await Rig.started();
  gone = [];
  rig.server.onWrite(({ type, object: { kind, metadata } }) => {
    if (kind === 'Pod' && type === 'DELETED') gone.push({ tenant: metadata.namespace ?? '' });
  });
});
afterEach(() => rig.end());

async function tenants(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `t${index}`);
  for (const name of names) rig.tenant(name);
  rig.start();
  await rig.settle();
  return names;
}

function edit(pbx: Record<string, unknown>, name = 'general'): void {
  rig.server.patch('OrganizationClass', { name }, { spec: { pbx } });
}

const bigger = (cpu = '5'): void => edit({ resources: { requests: { cpu } } });
const smaller = (): void => edit({ resources: null });

/** The kubelet says that a pod serves. */
function begin(namespace: string, name: string, index: number): void {
  const conditions = [{ type: 'Ready', status: 'True' }];
  const status = { phase: 'Running', podIP: `127.1.9.${index}`, hostIP: '192.0.2.10', conditions };
  rig.server.patch('Pod', { namespace, name, subresource: 'status' }, { status });
}

function podOf(tenant: string): Obj | undefined {
  return rig.server.get('Pod', tenant, `${tenant}-pbx-0`);
}

function serves(tenant: string): boolean {
  const { conditions = [] } = (podOf(tenant)?.['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

const away = (names: readonly string[]): string[] => names.filter(name => !serves(name));

/** Only pods made from what is asked for now meet that fate. */
function fateOf(cpu: string, fate: Fate): void {
  rig.fate = set => (JSON.stringify(set['spec']).includes(`"cpu":"${cpu}"`) ? fate : 'serves');
}

const pending = (tenant: string) => rig.condition('Organization', tenant, tenant, 'RollPending');
const record = (tenant: string) => rig.server.get('ConfigMap', 'ringfleet', `organization-${tenant}`);
const isNoted = (tenant: string): boolean => (JSON.stringify(record(tenant)) ?? '').includes('replaced');
const minutes = (count: number): Promise<void> => rig.clock.advance(count * 60_000);

/** A pod that is deleted stays until its calls have ended. */
function holdWhileTerminating(tenant: string): void {
  rig.server.patch('Pod', { namespace: tenant, name: `${tenant}-pbx-0` }, { metadata: { finalizers: ['test/calls'] } });
}

describe.each<[string, Fate, number]>([
  ['fit no node', 'unschedulable', 20],
  ['have an image that cannot be pulled', 'no image', 5],
  ['crash', 'crashes', 5],
  ['are not taken by the server', 'forbidden', 5],
])('a class edit whose pods %s', (_what, fate, count) => {
  it(`takes one PBX of ${count} down, says who waits, and heals when it is taken back`, async () => {
    const names = await tenants(count);
    fateOf('5', fate);
    bigger();
    await minutes(10);

    const [first] = away(names);
    expect(away(names)).toEqual([gone[0]?.tenant]);
    expect(new Set(gone.map(({ tenant }) => tenant)).size).toBe(1);
    const waiting = names.filter(name => name !== first);
    for (const name of waiting) expect(pending(name)).toMatchObject({ status: 'True', reason: 'AnotherFirst' });
    const told = JSON.stringify(
      waiting.map(name => [rig.server.get('Organization', name, name), rig.server.list('Event', name)]),
    );
    expect(told).not.toContain(`${first}-pbx`);

    smaller();
    rig.fate = () => 'serves';
    await rig.settle();
    expect(away(names)).toEqual([]);
    expect(new Set(gone.map(({ tenant }) => tenant)).size).toBe(1);
    for (const name of names) expect(pending(name)).toBeUndefined();
    expect(JSON.stringify(rig.server.list('ConfigMap', 'ringfleet'))).not.toContain('replaced');
  });
});

it('replaces one PBX at a time, with four workers and another image', async () => {
  const names = await tenants(8);
  let most = 0;
  // as long as a real one takes to start
  rig.fate = () => 'crashes';
  rig.server.onWrite(({ type, object: { kind, metadata } }) => {
    if (kind !== 'Pod' || type === 'MODIFIED') return;
    most = Math.max(most, away(names).length);
    const { namespace = '', name } = metadata;
    if (type === 'ADDED') void rig.clock.sleep(3_000).then(() => begin(namespace, name, names.indexOf(namespace)));
  });
  edit({ image: 'ringfleet:next' });
  await rig.settle();

  expect(gone.map(({ tenant }) => tenant).sort()).toEqual(names);
  expect(most).toBe(1);
  for (const name of names) expect(JSON.stringify(podOf(name))).toContain('ringfleet:next');
});

describe('a roll goes on', () => {
  it('past a tenant whose own pod is broken, before it and in its midst', async () => {
    const names = await tenants(5);
    rig.fate = ({ metadata: { namespace } }) => (namespace === 't1' ? 'crashes' : 'serves');
    rig.server.delete('Pod', 't1', 't1-pbx-0');
    await rig.rest();
    gone = [];
    bigger();
    await minutes(5);

    expect(gone.map(({ tenant }) => tenant)).toEqual(expect.arrayContaining(['t0', 't2', 't3', 't4']));
    expect(away(names)).toEqual(['t1']);
  });

  it('past a pod that was deleted and waits for its calls', async () => {
    const names = await tenants(5);
    rig.agents.of('t1').set({ calls: 1, channels: 2 });
    holdWhileTerminating('t1');
    rig.server.delete('Pod', 't1', 't1-pbx-0');
    await rig.rest();
    bigger();
    await minutes(5);

    expect(new Set(gone.map(({ tenant }) => tenant))).toEqual(new Set(names.filter(name => name !== 't1')));
  });

  it('past a PBX that it replaced itself, and that got a call in its last moment', async () => {
    const names = await tenants(5);
    for (const name of names) holdWhileTerminating(name);
    bigger();
    const first = await rig.clock.until(
      'the first to be deleted',
      () => names.find(name => podOf(name)?.metadata.deletionTimestamp),
      { stepMs: 100 },
    );
    await rig.clock.advance(20_000);
    expect(names.filter(name => podOf(name)?.metadata.deletionTimestamp)).toEqual([first]);
    rig.agents.of(first).set({ calls: 1, channels: 2 });
    for (const name of names.filter(other => other !== first))
      rig.server.patch('Pod', { namespace: name, name: `${name}-pbx-0` }, { metadata: { finalizers: null } });
    await minutes(5);

    expect(new Set(gone.map(({ tenant }) => tenant))).toEqual(new Set(names.filter(name => name !== first)));
  });

  it('when the namespace of the one that stopped it is deleted', async () => {
    const names = await tenants(4);
    let first = '';
    rig.fate = ({ metadata: { namespace = '' }, spec }) => {
      if (!JSON.stringify(spec).includes('"cpu":"5"')) return 'serves';
      if (!podOf(namespace)) first ||= namespace;
      return namespace === first ? 'crashes' : 'serves';
    };
    bigger();
    await minutes(5);
    expect(gone).toHaveLength(1);

    rig.server.delete('Namespace', '', first);
    await minutes(5);
    expect(new Set(gone.map(({ tenant }) => tenant))).toEqual(new Set(names));
    expect(record(first)).toBeUndefined();
  });

  it('when the platform’s people take the one that stopped it out of its record', async () => {
    const names = await tenants(3);
    fateOf('5', 'unschedulable');
    bigger();
    await minutes(5);
    const [first = ''] = away(names);
    const { replaced, ...rest } = JSON.parse((record(first)?.['data'] as Record<string, string>)['record.json'] ?? '');
    expect(replaced).toBeDefined();
    const place = { namespace: 'ringfleet', name: `organization-${first}` };
    rig.server.patch('ConfigMap', place, { data: { 'record.json': JSON.stringify(rest) } });
    await minutes(5);

    expect(away(names)).toHaveLength(2);
  });

  it('of another class, whose edit has nothing to do with it', async () => {
    const names = await tenants(4);
    for (const name of ['t2', 't3'])
      rig.put('Organization', name, name, { sipDomain: `${name}.example`, className: 'hotel' });
    await rig.settle();
    gone = [];
    fateOf('5', 'unschedulable');
    bigger();
    await minutes(3);
    edit({ resources: { requests: { cpu: '6' } } }, 'hotel');
    await minutes(5);

    expect(away(names)).toHaveLength(1);
    expect(gone.map(({ tenant }) => tenant)).toEqual(expect.arrayContaining(['t2', 't3']));
  });

  it('with an image that follows one that did not come up', async () => {
    const names = await tenants(4);
    rig.fate = set => (JSON.stringify(set['spec']).includes('ringfleet:bad') ? 'no image' : 'serves');
    edit({ image: 'ringfleet:bad' });
    await minutes(5);
    expect(away(names)).toHaveLength(1);

    edit({ image: 'ringfleet:good' });
    await rig.settle();
    expect(away(names)).toEqual([]);
    for (const name of names) expect(JSON.stringify(podOf(name))).toContain('ringfleet:good');
  });
});

it('ends the calls that are left after the deadline, although each pass over the tenant fails at its end', async () => {
  await tenants(1);
  const agent = rig.agents.of('t0');
  agent.set({ calls: 1, channels: 2 });
  rig.server.faults.invalid({ subresource: 'status', plural: 'organizations' }, 100_000);
  edit({ resources: { requests: { cpu: '5' } }, roll: { deadlineSeconds: 1_800 } });
  await minutes(20);
  expect([agent.pbx.channels, agent.pbx.gate]).toEqual([2, false]);
  await minutes(20);

  expect([agent.pbx.channels, agent.pbx.draining]).toEqual([0, true]);
});

it('says once of each tenant that it stops a roll, and again of another roll', async () => {
  const names = ['t0', 't1', 't2', 't3'];
  for (const name of names) rig.tenant(name);
  for (const name of ['t2', 't3'])
    rig.put('Organization', name, name, { sipDomain: `${name}.example`, className: 'hotel' });
  const said: { namespace: string; cause: string }[] = [];
  const write = (line: string): void => {
    const { msg, ...entry } = JSON.parse(line);
    if (msg.startsWith('A roll stops')) said.push(entry);
  };
  rig.start('operator', pino({ level: 'warn' }, { write }));
  await rig.settle();
  rig.fate = set => (/"cpu":"[567]"/.test(JSON.stringify(set['spec'])) ? 'unschedulable' : 'serves');
  bigger('5');
  edit({ resources: { requests: { cpu: '6' } } }, 'hotel');
  await minutes(4);
  const [one, other] = away(names);
  expect(said.map(({ namespace }) => namespace).sort()).toEqual([one, other]);

  smaller();
  edit({ resources: null }, 'hotel');
  await rig.settle();
  expect(away(names)).toEqual([]);
  bigger('7');
  await minutes(4);
  expect(said).toHaveLength(3);
});

it('replaces pods that never ran without asking anybody', async () => {
  const names = await tenants(6);
  // all nodes are lost while the edit is there
  fateOf('5', 'unschedulable');
  bigger();
  await rig.rest({ limitMs: 3_600_000 });
  for (const name of names) if (serves(name)) rig.server.delete('Pod', name, `${name}-pbx-0`);
  await rig.rest({ limitMs: 3_600_000 });
  expect(away(names)).toEqual(names);
  smaller();
  await rig.clock.advance(3_000);

  expect(away(names)).toEqual([]);
});

it('stops at the one that another leader replaced', async () => {
  const names = await tenants(6);
  fateOf('5', 'unschedulable');
  bigger();
  await rig.clock.until('the first to go', () => gone[0], { stepMs: 10 });
  rig.kill();
  rig.start('second');
  await minutes(10);
  rig.terminate('second');
  rig.start('third');
  await minutes(10);

  expect(rig.leader).toBe('third');
  expect(away(names)).toEqual([gone[0]?.tenant]);
});

it('goes on where a leader died between the note and the deed', async () => {
  const names = await tenants(4);
  rig.server.faults.inject({ verb: 'delete', plural: 'pods', client: 'operator' }, { how: 'stall' }, 100);
  bigger();
  const first = await rig.clock.until('the note', () => names.find(isNoted), {
    stepMs: 10,
  });
  expect(gone).toEqual([]);
  rig.kill();
  rig.start('second');
  await rig.settle();

  expect(gone[0]?.tenant).toBe(first);
  expect(away(names)).toEqual([]);
  expect(new Set(gone.map(({ tenant }) => tenant))).toEqual(new Set(names));
});

it('does not end the calls of one that is being emptied for a turn that does not come', async () => {
  await tenants(3);
  rig.agents.of('t0').set({ calls: 1, channels: 2 });
  rig.agents.of('t1').set({ calls: 1, channels: 2 });
  fateOf('5', 'unschedulable');
  bigger();
  await minutes(10);

  expect(gone.map(({ tenant }) => tenant)).toEqual(['t2']);
  for (const name of ['t0', 't1']) {
    const { asked } = rig.agents.of(name);
    expect([undefined, 'undrain']).toContain(asked.at(-1));
    expect(pending(name)).toMatchObject({ reason: 'AnotherFirst' });
  }
});

it('leaves nobody with a closed gate when the operator that asked for it is away', async () => {
  await tenants(1);
  const { pbx } = rig.agents.of('t0');
  rig.agents.of('t0').set({ calls: 1, channels: 2 });
  edit({ roll: { deadlineSeconds: 60 }, resources: { requests: { cpu: '5' } } });
  await rig.clock.until('the gate to be closed', () => pbx.gate);
  await minutes(1);
  expect([pbx.gate, pbx.draining]).toEqual([true, true]);

  rig.kill();
  await rig.clock.until('the gate to be open', () => !pbx.gate, { limitMs: 65_000 });
  expect([pbx.draining, pbx.channels]).toEqual([false, 2]);
  await minutes(10);
  expect(pbx.gate).toBe(false);

  rig.start('second');
  await rig.clock.until('the drain to begin anew', () => pbx.draining);
  expect(pbx.gate).toBe(false);
  rig.agents.of('t0').set({ calls: 0, channels: 0 });
  await rig.settle();
  expect(gone.map(({ tenant }) => tenant)).toEqual(['t0']);
});

it('waits for the window, and says until when', async () => {
  await tenants(1);
  const start = new Date(rig.clock.now() + 6 * 3_600_000).toISOString().slice(11, 16);
  edit({ roll: { window: { start, durationMinutes: 60 } }, resources: { requests: { cpu: '1' } } });
  await minutes(60);

  expect(gone).toEqual([]);
  expect(pending('t0')).toMatchObject({ reason: 'MaintenanceWindow', message: expect.stringContaining(start) });
  const { writes } = rig;
  await minutes(60);
  expect(rig.writes).toBe(writes);
});

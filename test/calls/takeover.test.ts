import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentReport } from '../../src/api/report.ts';
import { until } from '../../src/runtime/clock.ts';
import { user } from '../snapshots.ts';
import { spoiled } from '../spoiled.ts';
import { AgentRig, bundleFor, endpoints, loaded, restartSafe } from './agent-rig.ts';
import { freePorts } from './ports.ts';
import { SipClient } from './sip.ts';

/** Agents come and go, and are killed at bad moments; Asterisk, its calls and its registrations do not notice. */
const PORT = await freePorts();
let rig: AgentRig;
const phones: SipClient[] = [];

afterEach(async () => {
  await Promise.all(phones.splice(0).map(phone => phone.close()));
  await rig?.stop();
});

const people = ['jane', 'john'].map((name, place) => user(name, `100${place + 1}`, {}, place));

const zoe = user('zoe', '1003', {}, 2);
const auth = (name: string, extension: string) => ({
  username: `acme_${extension}`,
  password: `password-of-${name}-sip`,
});

async function phone(name: string, extension: string): Promise<SipClient> {
  const client = await SipClient.open(PORT);
  phones.push(client);
  const { final } = await client.register(`acme_${extension}`, { auth: auth(name, extension) });
  expect(final.code).toBe(200);
  client.reply = () => ({ code: 200, sdp: true });
  return client;
}

async function call(from: SipClient) {
  const answer = await from.request('INVITE', '1002', { from: 'acme_1001', auth: auth('jane', '1001') });
  expect(answer.final.code).toBe(200);
  return answer.dialog;
}

async function becomes(what: string, holds: (report: AgentReport) => boolean): Promise<void> {
  await until(what, () => holds(rig.agent.report()) || undefined, { deadlineMs: 20_000, everyMs: 5 });
}

describe('an agent', () => {
  it('that comes back never says that there are no calls before it has looked', async () => {
    rig = await AgentRig.start(PORT);
    const bundle = bundleFor(PORT, { users: people });
    await rig.publish(bundle);
    await loaded(rig, bundle.manifest.generation);
    const jane = await phone('jane', '1001');
    await phone('john', '1002');
    const dialog = await call(jane);
    await becomes('the call to be seen', ({ channels }) => channels === 2);
    await rig.stopAgent();
    const told: AgentReport[] = [];

    rig.startAgent();
    told.push(rig.agent.report());
    rig.agent.onReport(report => told.push(report));
    await loaded(rig, bundle.manifest.generation);
    await becomes('it to have looked', ({ observed }) => observed);

    expect(told.filter(({ observed, channels }) => observed && channels === 0)).toEqual([]);
    expect(rig.agent.report()).toMatchObject({ observed: true, channels: 2 });
    await jane.hangUp(dialog);
    await becomes('the end of the call to be seen', ({ channels }) => channels === 0);
    await restartSafe(rig.agent);
  });

  it('that was killed in the middle of a restart check leaves nothing of it behind', async () => {
    rig = await AgentRig.start(PORT);
    const bundle = bundleFor(PORT, { users: people });
    await rig.publish(bundle);
    await loaded(rig, bundle.manifest.generation);
    await rig.stopAgent();
    await mkdir(join(rig.scratch, 'boot-check-deadbeef/etc'), { recursive: true });

    rig.startAgent();
    await loaded(rig, bundle.manifest.generation);

    expect(await readdir(rig.scratch).catch(() => [])).not.toContain('boot-check-deadbeef');
  });

  it('that loses its Asterisk keeps what it knew, as not known, until it is sure that nothing is there', async () => {
    rig = await AgentRig.start(PORT);
    const bundle = bundleFor(PORT, { users: people });
    await rig.publish(bundle);
    await loaded(rig, bundle.manifest.generation);
    await phone('jane', '1001');
    await becomes('her phone to be seen', ({ contacts }) => contacts['acme_1001'] !== undefined);

    await rig.stopAsterisk();
    await becomes('the loss to be seen', ({ observed }) => !observed);
    expect(rig.agent.report().contacts['acme_1001']).toBeDefined();
    await becomes('it to be sure', ({ observed }) => observed);
    expect(rig.agent.report().contacts).toEqual({});

    rig.startAsterisk();
    await becomes('her phone to be seen again', one => one.observed && one.contacts['acme_1001'] !== undefined);
  });

  it('that was killed before its restart check does not forget the phone of somebody new', async () => {
    rig = await AgentRig.start(PORT);
    const first = bundleFor(PORT, { users: people });
    await rig.publish(first);
    await loaded(rig, first.manifest.generation);
    await restartSafe(rig.agent);
    const second = bundleFor(PORT, { users: [...people, zoe] });
    await rig.publish(second);
    await loaded(rig, second.manifest.generation);
    await phone('zoe', '1003');
    await rig.stopAgent();

    rig.startAgent();
    await loaded(rig, second.manifest.generation);
    await becomes('it to have looked', ({ observed }) => observed);

    expect(rig.agent.report().contacts['acme_1003']).toHaveLength(1);
    expect(await rig.agent.client?.command('database show registrar/contact')).toContain('acme_1003');
  });

  it('that comes back to a bundle that Asterisk refuses takes the last good one back', async () => {
    rig = await AgentRig.start(PORT);
    const first = bundleFor(PORT, { users: people });
    await rig.publish(first);
    await loaded(rig, first.manifest.generation);
    await restartSafe(rig.agent);
    await rig.stopAgent();
    await rig.publish(spoiled(bundleFor(PORT, { users: [...people, zoe] }), 'pjsip_endpoint.conf', () => ''));

    rig.startAgent();
    await loaded(rig, first.manifest.generation);

    expect(await endpoints(rig.agent)).toEqual(['acme_1001', 'acme_1002']);
    expect(rig.agent.report().bundle.error).toBeDefined();
  });

  it('outlives an Asterisk that does not answer, and applies the bundle when it does again', async () => {
    rig = await AgentRig.start(PORT);
    const first = bundleFor(PORT, { users: people });
    await rig.publish(first);
    await loaded(rig, first.manifest.generation);
    await restartSafe(rig.agent);
    const pid = Number(await readFile(join(rig.places.run, 'asterisk.pid'), 'utf8'));
    const second = bundleFor(PORT, { users: [...people, zoe] });

    process.kill(pid, 'SIGSTOP');
    try {
      await rig.publish(second);
      await until('it to say so', () => rig.agent.report().bundle.error, { deadlineMs: 50_000 });
      expect(rig.agent.report().bundle.loaded).toBe(first.manifest.generation);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await loaded(rig, second.manifest.generation);

    expect(rig.agent.report().bundle.error).toBeUndefined();
    expect(await endpoints(rig.agent)).toContain('acme_1003');
  }, 120_000);
});

describe('a bundle', () => {
  it('that is incomplete does not keep a PBX from starting that has a last known good', async () => {
    rig = await AgentRig.start(PORT);
    const first = bundleFor(PORT, { users: people });
    await rig.publish(first);
    await loaded(rig, first.manifest.generation);
    await restartSafe(rig.agent);
    await rig.lose(first);

    await rig.kill();
    await loaded(rig, first.manifest.generation);
    expect(await endpoints(rig.agent)).toEqual(['acme_1001', 'acme_1002']);

    const second = bundleFor(PORT, { users: [...people, zoe] });
    await rig.publish(second);
    await loaded(rig, second.manifest.generation);
  });

  it('that loads, but that no Asterisk would start with, is taken back from the disk and from Asterisk', async () => {
    rig = await AgentRig.start(PORT);
    const first = bundleFor(PORT, { users: people });
    await rig.publish(first);
    await loaded(rig, first.manifest.generation);
    await restartSafe(rig.agent);
    const second = bundleFor(PORT, { users: [...people, zoe] });
    const bad = spoiled(second, 'modules.conf', text => `${text}require => no_such_module.so\n`);

    await rig.publish(bad);
    await until('it to be taken back', () => rig.agent.report().bundle.error, { deadlineMs: 40_000 });
    await loaded(rig, first.manifest.generation);
    await until(
      'Asterisk to have the old one',
      async () => (await endpoints(rig.agent)).length === people.length || undefined,
      { deadlineMs: 10_000 },
    );

    expect(await readFile(join(rig.places.config, 'pjsip_endpoint.conf'), 'utf8')).not.toContain('acme_1003');
    expect(rig.agent.report().bundle).toMatchObject({ seen: bad.manifest.generation, restartPending: [] });
    await rig.stopAsterisk();
    rig.startAsterisk();
    await loaded(rig, first.manifest.generation);
    const third = bundleFor(PORT, { users: [...people, zoe, user('max', '1004', {}, 4)] });
    await rig.publish(third);
    await loaded(rig, third.manifest.generation);
  });

  it('that leaves somebody out for a moment does not end her call; one that she is gone from does', async () => {
    rig = await AgentRig.start(PORT);
    const first = bundleFor(PORT, { users: people });
    await rig.publish(first);
    await loaded(rig, first.manifest.generation);
    const jane = await phone('jane', '1001');
    await phone('john', '1002');
    await call(jane);
    await becomes('the call to be seen', ({ channels }) => channels === 2);
    const [{ metadata: { uid = '' } = {} } = {}] = people.slice(1);
    const without = bundleFor(PORT, { users: people.slice(0, 1) });
    const manifest = { ...without.manifest, kept: [uid] };

    await rig.publish({ ...without, manifest });
    await loaded(rig, manifest.generation);
    expect(await rig.agent.client?.command('core show channels count')).toContain('2 active channels');
    expect(await rig.agent.client?.command('database show registrar/contact')).toContain('acme_1002');

    await rig.publish(without);
    await becomes('the call to be ended', ({ channels }) => channels === 0);
    const stored = async (): Promise<string> =>
      (await rig.agent.client?.command('database show registrar/contact')) ?? '';
    await until('her contact to be gone', async () => !(await stored()).includes('acme_1002') || undefined, {
      deadlineMs: 5_000,
    });
  });
});

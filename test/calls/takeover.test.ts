import { afterEach, describe, expect, it } from 'vitest';
import type { AgentReport } from '../../src/api/report.ts';
import { until } from '../../src/runtime/clock.ts';
import { user } from '../worlds.ts';
import { AgentRig, bundleFor, loaded, restartSafe } from './agent-rig.ts';
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
    await loaded(rig.agent, bundle.manifest.generation);
    const jane = await phone('jane', '1001');
    await phone('john', '1002');
    const dialog = await call(jane);
    await becomes('the call to be seen', ({ channels }) => channels === 2);
    await rig.stopAgent();
    const told: AgentReport[] = [];

    rig.startAgent();
    told.push(rig.agent.report());
    rig.agent.onReport(report => told.push(report));
    await loaded(rig.agent, bundle.manifest.generation);
    await becomes('it to have looked', ({ observed }) => observed);

    expect(told.filter(({ observed, channels }) => observed && channels === 0)).toEqual([]);
    expect(rig.agent.report()).toMatchObject({ observed: true, channels: 2 });
    await jane.hangUp(dialog);
    await becomes('the end of the call to be seen', ({ channels }) => channels === 0);
    await restartSafe(rig.agent);
  });

  it('that loses its Asterisk keeps what it knew, as not known, until it is sure that nothing is there', async () => {
    rig = await AgentRig.start(PORT);
    const bundle = bundleFor(PORT, { users: people });
    await rig.publish(bundle);
    await loaded(rig.agent, bundle.manifest.generation);
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
});

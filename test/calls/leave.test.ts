import { spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { knownCredentials } from '../../src/agent/asterisk/credentials.ts';
import { preStop } from '../../src/agent/operations/pre-stop.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { findAsterisk } from '../../src/standalone/asterisk/find.ts';
import { user } from '../snapshots.ts';
import { AgentRig, bundleFor, loaded } from './agent-rig.ts';
import { freePorts } from './ports.ts';
import { SipClient } from './sip.ts';

/** What the Asterisk container does by itself, with no agent beside it: it says that it lives, and ends after its calls. */
const PORT = await freePorts();
let rig: AgentRig;

afterEach(async () => {
  await rig?.stop();
});

const people = ['jane', 'john'].map((name, place) => user(name, `100${place + 1}`, {}, place));
const auth = (name: string, extension: string) => ({
  username: `acme_${extension}`,
  password: `password-of-${name}-sip`,
});

async function twoPhones(): Promise<SipClient[]> {
  const [jane, john] = [await SipClient.open(PORT), await SipClient.open(PORT)];
  await jane.register('acme_1001', { auth: auth('jane', '1001') });
  await john.register('acme_1002', { auth: auth('john', '1002') });
  john.reply = () => ({ code: 200, sdp: true });
  return [jane, john];
}

/** The preStop hook, with the agent's port where nobody is. */
function hook(deadlineMs: number): { ended(): boolean; done: Promise<void> } {
  let over = false;
  const options = { probePort: PORT + 7, deadlineMs, refuseMs: 2_000, clock: systemClock };
  const manager = () => knownCredentials(rig.places.run);
  const log = createLogger('leave', 'fatal');
  const done = preStop({ ...options, manager, log }, new AbortController().signal).then(() => {
    over = true;
  });
  return { ended: () => over, done };
}

describe('an Asterisk without an agent', () => {
  it('ends only after its calls, and lets nobody in then', async () => {
    rig = await AgentRig.start(PORT);
    const bundle = bundleFor(PORT, { users: people });
    await rig.publish(bundle);
    await loaded(rig, bundle.manifest.generation);
    const [jane, john] = await twoPhones();
    const dial = () => jane!.request('INVITE', '1002', { from: 'acme_1001', auth: auth('jane', '1001') });
    const call = await dial();
    await rig.stopAgent();

    const end = hook(60_000);
    await systemClock.sleep(1_500);
    expect(end.ended()).toBe(false);
    const second = await dial();
    expect(second.final.code).toBe(200);
    await jane!.hangUp(call.dialog);
    await jane!.hangUp(second.dialog);
    await end.done;

    expect((await dial()).final.code).toBe(503);
    await Promise.all([jane!.close(), john!.close()]);
  });

  it('ends calls that last longer than its time', async () => {
    rig = await AgentRig.start(PORT);
    const bundle = bundleFor(PORT, { users: people });
    await rig.publish(bundle);
    await loaded(rig, bundle.manifest.generation);
    const [jane, john] = await twoPhones();
    await jane!.request('INVITE', '1002', { from: 'acme_1001', auth: auth('jane', '1001') });
    await rig.stopAgent();

    await hook(1_000).done;

    await until('the end of her call', () => john!.received.find(({ method }) => method === 'BYE'), {
      deadlineMs: 5_000,
    });
    await Promise.all([jane!.close(), john!.close()]);
  });

  it('says on its control socket that it lives, and whoever asks where none is hears of that', async () => {
    rig = await AgentRig.start(PORT);
    const bundle = bundleFor(PORT, { users: people });
    await rig.publish(bundle);
    await loaded(rig, bundle.manifest.generation);
    await rig.stopAgent();
    const { command } = (await findAsterisk(() => undefined)).launch(Object.values(rig.places));
    const alive = async (): Promise<number | null> => {
      const [file = '', ...args] = command;
      const config = `${rig.places.config}/asterisk.conf`;
      const child = spawn(file, [...args, '-C', config, '-rx', 'core show uptime'], { stdio: 'ignore' });
      return new Promise(resolve => child.once('exit', resolve));
    };

    expect(await alive()).toBe(0);
    await rig.stopAsterisk();
    expect(await alive()).not.toBe(0);
  });
});

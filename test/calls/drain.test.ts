import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putKey } from '../../src/agent/ami/actions.ts';
import type { AmiClient } from '../../src/agent/ami/client.ts';
import { Drainer } from '../../src/agent/operations/drainer.ts';
import { closeGate } from '../../src/agent/operations/gate.ts';
import { type Clock, systemClock, until } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { FakeClock } from '../fake-clock.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { SipClient } from './sip.ts';

/** A PBX is emptied while people call: who is in stays in, and nobody slips in at the end. */
const PORT = await freePorts();
let rig: Rig;
let jane: SipClient;
let john: SipClient;

beforeAll(async () => {
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } } },
    users: { jane: { extension: '1001' }, john: { extension: '1002' } },
  });
  [jane, john] = [await SipClient.open(PORT), await SipClient.open(PORT)];
  await jane.register('acme_1001', { auth: rig.credentials('jane') });
  await john.register('acme_1002', { auth: rig.credentials('john') });
  john.reply = () => ({ code: 200, sdp: true });
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([jane, john].map(client => client?.close()));
});

const dial = () => jane.request('INVITE', '1002', { from: 'acme_1001', auth: rig.credentials('jane') });
const drainer = ({ clock = systemClock, refuseMs = 5_000 }: { clock?: Clock; refuseMs?: number } = {}) =>
  new Drainer({ agent: rig.pbx.agent, refuseMs, clock, log: createLogger('drain', 'fatal') });

/** As an agent that starts anew finds an Asterisk that runs: it knows of no drain. */
async function agentAnew(): Promise<AmiClient> {
  const before = rig.pbx.agent.client;
  before?.close();
  return until('the agent to be connected anew', () => client(before), { deadlineMs: 10_000 });
}

function client(before?: AmiClient): AmiClient | undefined {
  return rig.pbx.agent.client === before ? undefined : rig.pbx.agent.client;
}

describe('a PBX that is to end', () => {
  it('is waited for while a call is up that came after it was empty; then nobody is let in', async () => {
    const one = drainer();
    const { signal } = new AbortController();
    await one.drain(60_000, signal);
    const call = await dial();
    expect(call.final.code).toBe(200);
    let over = false;
    const ended = one.drainForShutdown(60_000, signal).then(() => {
      over = true;
    });

    await systemClock.sleep(1_000);
    expect(over).toBe(false);
    await jane.hangUp(call.dialog);
    await ended;

    expect((await dial()).final.code).toBe(503);
    await one.undrain(signal);
    const again = await dial();
    expect(again.final.code).toBe(200);
    await jane.hangUp(again.dialog);
  });

  it('ends calls when the time is over, also those that came after it was empty', async () => {
    const one = drainer();
    const { signal } = new AbortController();
    await one.drain(1_000, signal);
    const call = await dial();
    expect(call.final.code).toBe(200);

    await one.drain(1_000, signal);

    const left = async () => (await rig.pbx.agent.client?.list('CoreShowChannels'))?.length === 0 || undefined;
    await until('the call to be gone', left, { deadlineMs: 5_000 });
    await one.undrain(signal);
  });
});

describe('a PBX whose operator asked for a drain and went away', () => {
  it('lets calls in again after a minute, and the one that was up goes on', async () => {
    const call = await dial();
    expect(call.final.code).toBe(200);
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const drained = drainer({ clock, refuseMs: 120_000 }).drain(0, signal);
    const refused = async () => {
      const one = await dial();
      await jane.hangUp(one.dialog); // it came before the gate was closed
      return one.final.code === 503 || undefined;
    };
    await until('calls to be refused', refused, { deadlineMs: 10_000 });

    await Promise.all([expect(drained).rejects.toThrow('not asked for'), clock.advance(60_000)]);
    await until('the drain to be over', () => !rig.pbx.agent.draining || undefined, { deadlineMs: 10_000 });

    const again = await dial();
    expect(again.final.code).toBe(200);
    expect(await client()?.list('CoreShowChannels')).toHaveLength(4);
    for (const { dialog } of [call, again]) await jane.hangUp(dialog);
  });
});

describe('an agent that starts anew', () => {
  it('opens a gate that was closed for a drain of which nobody knows any more', async () => {
    await closeGate(client() as AmiClient);
    expect((await dial()).final.code).toBe(503);
    await agentAnew();

    const call = await dial();
    expect(call.final.code).toBe(200);
    await jane.hangUp(call.dialog);
  });

  it('leaves one that was closed for the end of this Asterisk, and opens one that was for that of another', async () => {
    await closeGate(client() as AmiClient, { forEnd: true });
    const live = await agentAnew();
    expect((await dial()).final.code).toBe(503);
    await putKey(live, { family: 'ringfleet', key: 'drain', value: 'end of 2026-01-01 00:00:00' });
    await agentAnew();

    const call = await dial();
    expect(call.final.code).toBe(200);
    await jane.hangUp(call.dialog);
  });
});

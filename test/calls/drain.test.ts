import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Drainer } from '../../src/agent/drain.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
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
const drainer = () =>
  new Drainer({ agent: rig.pbx.agent, refuseMs: 5_000, clock: systemClock, log: createLogger('drain', 'fatal') });

describe('a PBX that is to end', () => {
  it('is waited for while a call is up that came after it was empty; then nobody is let in', async () => {
    const one = drainer();
    const { signal } = new AbortController();
    await one.drain(60_000, signal);
    const call = await dial();
    expect(call.final.code).toBe(200);
    let over = false;
    const ended = one.join(60_000, signal).then(() => {
      over = true;
    });

    await systemClock.sleep(1_000);
    expect(over).toBe(false);
    await jane.hangUp(call.dialog);
    await ended;

    expect((await dial()).final.code).toBe(503);
    await one.undrain();
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
    await one.undrain();
  });
});

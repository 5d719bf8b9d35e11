import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../src/runtime/clock.ts';
import { findAsterisk } from '../../src/standalone/asterisk/find.ts';
import { isPrompt } from '../../src/standalone/phones/tones.ts';
import { CARRIER_HZ } from '../carrier/carrier.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';

/** Calls from and to the world, and the gates before them. */
let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start(await freePorts(), {
    organization: { limits: { concurrentCalls: 30 }, callerId: { default: { name: 'main' } } },
    users: {
      jane: { extension: '1001' },
      john: { extension: '1002', callerId: { default: { name: 'direct' } } },
      zoe: { extension: '1003' },
    },
    numbers: {
      main: { number: '+914412345678', trunk: { name: 'carrier' }, destination: { user: { name: 'jane' } } },
      direct: { number: '+914412345679', trunk: { name: 'carrier' }, destination: { user: { name: 'john' } } },
    },
    trunk: {},
  });
});

afterAll(async () => {
  await rig?.stop();
});

describe('trunk', () => {
  it('registers at the carrier, and status says so', async () => {
    await rig.becomes('Trunk', 'carrier', 'Registered', { status: 'True' });
  });

  it.each(['+914412345679', '914412345679', '04412345679'])('rings the right user for a call to %s', async number => {
    const john = await rig.registered('john');
    rig.bank.forget('john');

    const out = await rig.carrier.call(number, '+442079460000');
    const { call, from } = await john.incoming();
    await out.answered();

    expect(from.number).toBe('+442079460000');
    await out.hears(john.account.hz);
    await call.hears(CARRIER_HZ);
    await out.hangUp();
  });

  it('refuses a call to a number that is not ours', async () => {
    expect((await (await rig.carrier.call('+914400000000', '+442079460000')).ended()).cause).toBe(1);
  });

  it.each([
    ['jane', '0044207946000', '+44207946000', '+914412345678'],
    ['john', '02212345678', '+912212345678', '+914412345679'],
  ])('sends %s’s call to %s as %s, showing %s', async (user, dialled, number, shown) => {
    const phone = await rig.registered(user);

    const out = await phone.call(dialled);
    const taken = await rig.carrier.takes();
    await out.answered();

    expect({ number: taken.number, from: taken.from }).toEqual({ number, from: shown });
    expect(taken.asserted).toContain(shown);
    await out.hears(CARRIER_HZ);
    await taken.call.hears(phone.account.hz);
    await out.hangUp();
  });

  it('says that the carrier is gone, and that it is back', async () => {
    await rig.carrier.stop();
    await rig.becomes('Trunk', 'carrier', 'Reachable', { status: 'False' }, 60_000);
    await rig.carrier.start();

    await rig.becomes('Trunk', 'carrier', 'Reachable', { status: 'True' }, 60_000);
    await rig.becomes('Trunk', 'carrier', 'Registered', { status: 'True' }, 60_000);
  }, 130_000);
});

describe('gates', () => {
  it('plays "all circuits are busy" to the second caller and leaves the first alone; a higher limit counts at once', async () => {
    const [jane, john, zoe] = [await rig.registered('jane'), await rig.registered('john'), await rig.registered('zoe')];
    await rig.edit(() => organization(rig, { limits: { concurrentCalls: 1 } }));
    const first = await jane.call('1002');
    await first.answered();

    const second = await zoe.call('1002');
    const { cause } = await second.ended();

    const busy = await prompt('all-circuits-busy-now');
    await until(
      'the prompt to be recognised', // the end of a recording is written after the end of its call
      async () => isPrompt(await second.heard(), busy) || undefined,
      { deadlineMs: 5_000 },
    );
    expect(cause).toBeGreaterThan(0);
    await first.hears(john.account.hz);

    await rig.edit(() => organization(rig, { limits: { concurrentCalls: 2 } }));
    const third = await zoe.call('1002');
    await third.answered();
    await first.hangUp();
    await third.hangUp();
  });

  it('suspends: registered phones stay, a running call stays, new calls get 403, emergency calls pass', async () => {
    const [jane, john, zoe] = [await rig.registered('jane'), await rig.registered('john'), await rig.registered('zoe')];
    const running = await jane.call('1002');
    await running.answered();
    await rig.edit(() => organization(rig, { state: 'Suspended' }));

    expect((await (await zoe.call('1002')).ended()).cause).toBe(21);
    expect(await zoe.registration()).toBe('Registered');
    await running.hears(john.account.hz);

    const emergency = await zoe.call('112');
    expect((await rig.carrier.takes()).number).toBe('112');
    await emergency.hangUp();
    await running.hangUp();
    await rig.edit(() => organization(rig, {}));
    const again = await zoe.call('1002');
    await again.answered();
    await again.hangUp();
  });
});

function organization(rig: Rig, spec: Record<string, unknown>): Promise<void> {
  return rig.put('Organization', 'acme', {
    sipDomain: 'acme.example',
    location: { country: 'IN' },
    callerId: { default: { name: 'main' } },
    ...spec,
  });
}

/** A prompt of Asterisk's as samples: `file convert` of the running PBX makes raw audio of it. */
async function prompt(name: string): Promise<Int16Array> {
  const { dataDir } = await findAsterisk(() => undefined);
  const target = join(rig.bank.side.places.spool, `${name}.sln`);
  await rig.bank.side.client.command(`file convert ${dataDir}/sounds/en/${name}.gsm ${target}`);
  const bytes = await readFile(target);
  return new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
}

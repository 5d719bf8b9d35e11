import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { findAsterisk } from '../../../src/standalone/asterisk/find.ts';
import { isPrompt } from '../../../src/standalone/phones/tones.ts';
import { Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** What stops a new call, and leaves running ones alone. */
let phones: Telephones;
let tenant: Tenant;

beforeAll(async () => {
  phones = await Telephones.start();
  tenant = await Tenant.create('gates', { limits: { concurrentCalls: 1 } });
  await tenant.people('jane', 'john', 'zoe', 'max');
  await tenant.ready();
});

afterAll(async () => {
  await phones?.stop();
  await tenant?.drop();
});

async function four() {
  return Promise.all(['jane', 'john', 'zoe', 'max'].map(user => phones.registered(tenant, user)));
}

/** Waits until the PBX has what the Organization says. */
async function edit(spec: Record<string, unknown>): Promise<void> {
  await tenant.patch('organization', tenant.name, { spec });
  await tenant.becomes('organization', tenant.name, 'ConfigLoaded', { status: 'True' });
}

describe('a gate', () => {
  it('of one call lets the second caller hear that all circuits are busy; raised, it lets the next one in', async () => {
    const [jane, john, zoe, max] = await four();
    if (!jane || !john || !zoe || !max) throw new Error('There are four phones');
    const first = await jane.call('1002');
    const { call: inbound } = await john.incoming();
    await first.answered();

    const second = await zoe.call('1004');
    const { cause } = await second.ended(20_000);

    expect(cause).toBe(34);
    const busy = await prompt('all-circuits-busy-now');
    await until(
      'the prompt to be recognised', // the end of a recording is written after the end of its call
      async () => isPrompt(await second.heard(), busy) || undefined,
      { deadlineMs: 5_000 },
    );
    await first.hears(john.account.hz);

    await edit({ limits: { concurrentCalls: 2 } });
    const third = await zoe.call('1004');
    await max.incoming();
    await third.answered();
    await third.hears(max.account.hz);
    await first.hears(john.account.hz);
    await inbound.hears(jane.account.hz);
    await Promise.all([first.hangUp(), third.hangUp()]);
  });

  it('of a suspended organization refuses new calls, and leaves registrations and the running call', async () => {
    const [jane, john, zoe] = await four();
    if (!jane || !john || !zoe) throw new Error('There are four phones');
    phones.bank.forget(john.account.name);
    const running = await jane.call('1002');
    await john.incoming();
    await running.answered();

    await edit({ state: 'Suspended' });

    await tenant.becomes('organization', tenant.name, 'Suspended', { status: 'True' });
    expect((await (await zoe.call('1004')).ended()).cause).toBe(21);
    await running.hears(john.account.hz);
    expect(await zoe.registration()).toBe('Registered');
    await running.hangUp();

    await edit({ state: 'Active' });
    const again = await jane.call('1002');
    await john.incoming();
    await again.answered();
    await again.hangUp();
  });
});

/** Samples of a shipped prompt at 8 kHz, decoded by Asterisk itself. */
async function prompt(name: string): Promise<Int16Array> {
  const { dataDir } = await findAsterisk(() => undefined);
  const output = join(phones.bank.side.places.spool, `${name}.sln`);
  await phones.bank.side.client.command(`file convert ${dataDir}/sounds/en/${name}.gsm ${output}`);
  const bytes = await readFile(output);
  return new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
}

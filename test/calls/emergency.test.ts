import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../src/runtime/clock.ts';
import { invited, invites } from './adversary/house.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { header, type Reply, SipClient } from './sip.ts';

/** Somebody needs help. Trunks fail in every way that there is, and the call leaves all the same. */
const PORT = await freePorts();
const ANSWER: Reply = { code: 200, sdp: true };
const HELP = ['first', 'second', 'third'] as const;
let rig: Rig;
let jane: SipClient;
let john: SipClient;
let bert: SipClient;
const carriers = new Map<string, SipClient>();

/** Beside `PORT + 20` and `+ 10`, which the rig uses itself. */
const PORT_OF = { first: PORT + 30, second: PORT + 30, third: PORT + 30 };
const ADDRESS_OF = { first: '127.0.0.11', second: '127.0.0.12', third: '127.0.0.13' };

const trunkTo = (name: (typeof HELP)[number], optionsSeconds = 0) => ({
  servers: [{ name: 'a', host: ADDRESS_OF[name], port: PORT_OF[name] }],
  health: { optionsSeconds },
});

const ORGANIZATION = {
  sipDomain: 'acme.example',
  location: { name: 'house' },
  userDefaults: { voicemail: { enabled: false } },
  callerId: { default: { name: 'main' } },
};
const HOUSE = { country: 'IN', emergency: { callerId: { name: 'lobby' } } };
const OFFICE = { country: 'IN', emergency: { trunk: { name: 'third' } } };

beforeAll(async () => {
  for (const name of HELP) carriers.set(name, await SipClient.open(PORT, ADDRESS_OF[name], PORT_OF[name]));
  rig = await Rig.start(PORT, {
    organization: ORGANIZATION,
    users: {
      jane: { extension: '1001' },
      john: { extension: '1002', location: { name: 'office' } },
      bert: { extension: '110', location: { name: 'abroad' } },
    },
    numbers: { main: { number: '+914412345678' }, lobby: { number: '+914412345679' } },
    trunks: { first: trunkTo('first') },
    locations: { house: HOUSE, office: OFFICE, abroad: { country: 'IN' } },
  });
  // one after the other, so that it is known which is the oldest
  await rig.edit(() => rig.put('Trunk', 'second', trunkTo('second')));
  await rig.edit(() => rig.put('Trunk', 'third', trunkTo('third')));
  [jane, john, bert] = [await SipClient.open(PORT), await SipClient.open(PORT), await SipClient.open(PORT)];
  for (const [name, phone] of [
    ['jane', jane],
    ['john', john],
    ['bert', bert],
  ] as const) {
    const auth = rig.credentials(name);
    await phone.register(auth.username, { auth });
  }
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([jane, john, bert, ...carriers.values()].map(client => client?.close()));
});

afterEach(async () => {
  await rig.hush();
  for (const client of [jane, john, bert, ...carriers.values()]) {
    client.received.length = 0;
    client.mute.clear();
    client.reply = () => ({ code: 486 });
  }
});

function at(name: (typeof HELP)[number]): SipClient {
  const found = carriers.get(name);
  if (!found) throw new Error(`There is no carrier ${name}`);
  return found;
}

const asked = (): string[] => HELP.filter(name => invites(at(name)).length > 0);

function dial(phone: SipClient, user: string, number: string, deadlineMs = 20_000) {
  const auth = rig.credentials(user);
  return phone.request('INVITE', number, { from: auth.username, auth, deadlineMs });
}

describe('a call for help', () => {
  it('takes the oldest trunk, with the number of the Location of the organization', async () => {
    at('first').reply = () => ANSWER;
    expect((await dial(jane, 'jane', '112')).final.code).toBe(200);

    expect(asked()).toEqual(['first']);
    const [invite] = invites(at('first'));
    expect(invite?.start).toContain('sip:112@');
    expect(invite && header(invite, 'from')).toContain('sip:+914412345679@');
  });

  it('takes the trunk of the Location first, and the others when that one fails', async () => {
    at('third').reply = () => ({ code: 503 });
    at('first').reply = () => ANSWER;
    expect((await dial(john, 'john', '100')).final.code).toBe(200);

    expect(asked()).toEqual(['first', 'third']);
    expect(invites(at('third'))).toHaveLength(1);
  });

  it.each([403, 404, 480, 486, 488, 500, 503, 603])('goes on to the next trunk after %i', async code => {
    at('first').reply = () => ({ code });
    at('second').reply = () => ANSWER;

    expect((await dial(jane, 'jane', '112')).final.code).toBe(200);
    expect(asked()).toEqual(['first', 'second']);
  });

  it('goes through all trunks, and says 503 when all fail', async () => {
    for (const name of HELP) at(name).reply = () => ({ code: 500 });
    const { final } = await dial(jane, 'jane', '112');

    expect(asked()).toEqual([...HELP]);
    expect(final.code).toBe(503);
  });

  it('is joined by the next trunk when nothing comes from the first one', async () => {
    at('first').mute.add('INVITE');
    at('second').reply = () => ANSWER;

    expect((await dial(jane, 'jane', '112')).final.code).toBe(200);
    expect(asked()).toEqual(['first', 'second']);
  });

  it('is never given up where it rings, for as long as it rings', async () => {
    at('first').reply = () => ({ code: 180 });
    const call = dial(jane, 'jane', '112', 60_000);
    const invite = await invited(at('first'), 'the centre');
    const rung = performance.now();
    await until('twenty seconds to be over', () => (performance.now() - rung > 20_000 ? true : undefined), {
      deadlineMs: 60_000,
      everyMs: 500,
    });
    at('first').answer(invite, ANSWER);

    expect((await call).final.code).toBe(200);
    expect(asked()).toEqual(['first']);
    expect(at('first').received.map(({ method }) => method)).not.toContain('CANCEL');
  });

  it('leaves though a trunk is left out of the configuration, or has left it', async () => {
    at('first').reply = () => ANSWER;
    const { client } = rig.pbx.agent;
    for (const line of ['dialplan remove extension third@trunks', 'dialplan remove context em-house'])
      await client?.command(line);

    expect((await dial(john, 'john', '112')).final.code).toBe(200);
    expect((await dial(jane, 'jane', '112')).final.code).toBe(200);
    expect((await dial(jane, 'jane', '00442079460000')).final.code).toBe(200);
    expect(asked()).toEqual(['first']);
    await client?.command('module reload pbx_config');
  });

  it.each(['112#', '1-1-2', '(112)'])('leaves when a phone dials %s', async number => {
    at('first').reply = () => ANSWER;
    expect((await dial(jane, 'jane', number)).final.code).toBe(200);

    expect(invites(at('first'))[0]?.start).toContain('sip:112@');
  });

  it('leaves whatever the organization may not do: suspended, full, no right to call', async () => {
    at('first').reply = () => ANSWER;
    await rig.edit(() =>
      rig.put('Organization', 'acme', { ...ORGANIZATION, state: 'Suspended', limits: { concurrentCalls: 0 } }),
    );
    expect((await dial(jane, 'jane', '1002')).final.code).toBe(403);
    expect((await dial(jane, 'jane', '112')).final.code).toBe(200);
    await rig.edit(() => rig.put('Organization', 'acme', ORGANIZATION));
  });

  it('is bounded by nothing but three at once of one user', async () => {
    at('first').reply = () => ANSWER;
    const codes: number[] = [];
    for (let n = 0; n < 4; n++) codes.push((await dial(jane, 'jane', '112')).final.code);

    expect(codes).toEqual([200, 200, 200, 503]);
    expect((await dial(john, 'john', '1002')).final.code).not.toBe(503);
    at('third').reply = () => ANSWER;
    expect((await dial(john, 'john', '112')).final.code).toBe(200);
  });
});

describe('a carrier that ignores OPTIONS', () => {
  it('still gets calls, also for help, once Asterisk counts it as unreachable', async () => {
    for (const name of HELP) at(name).mute.add('OPTIONS');
    for (const name of HELP) await rig.edit(() => rig.put('Trunk', name, trunkTo(name, 1)));
    const reachable = async (): Promise<string[]> => {
      const { client } = rig.pbx.agent;
      const answers = HELP.map(async name => {
        const variable = `PJSIP_DIAL_CONTACTS(acme_t-${name})`;
        return (await client?.action('Getvar', { Variable: variable }))?.['Value'] ?? '';
      });
      return Promise.all(answers);
    };
    await until('all trunks to be unreachable', async () => ((await reachable()).join('') === '' ? true : undefined), {
      deadlineMs: 20_000,
    });
    at('first').reply = () => ANSWER;

    expect((await dial(jane, 'jane', '112')).final.code).toBe(200);
    expect(invites(at('first'))[0]?.start).toContain(`sip:112@${ADDRESS_OF.first}`);
    expect((await dial(jane, 'jane', '00442079460000')).final.code).toBe(200);
    expect(invites(at('first')).at(-1)?.start).toContain('sip:+442079460000@');

    // one that answers OPTIONS goes before older ones that do not
    at('second').mute.clear();
    await until('the second to be reachable', async () => ((await reachable())[1] ? true : undefined), {
      deadlineMs: 20_000,
    });
    at('first').received.length = 0;
    at('second').reply = () => ANSWER;
    expect((await dial(jane, 'jane', '00442079460000')).final.code).toBe(200);
    expect(asked()).toEqual(['second']);
    for (const name of HELP) await rig.edit(() => rig.put('Trunk', name, trunkTo(name)));
  });
});

describe('several trunks without routes', () => {
  it('carry calls by the oldest, and the Organization says so', async () => {
    expect((await dial(jane, 'jane', '00442079460000')).final.code).toBe(486);

    expect(asked()).toEqual(['first']);
    expect(rig.condition('Organization', 'acme', 'DefaultRoute')).toMatchObject({
      status: 'True',
      reason: 'SeveralTrunks',
      message: expect.stringContaining('use Trunk first first'),
    });
  });

  it('carry calls by the next when the oldest fails, and say what the number was answered with', async () => {
    at('first').reply = () => ({ code: 503 });
    at('second').reply = () => ({ code: 404 });

    expect((await dial(jane, 'jane', '00442079460000')).final.code).toBe(404);
    expect(asked()).toEqual(['first', 'second']);
  });

  it('that all fail are 503, which says that it is not the number', async () => {
    for (const name of HELP) at(name).reply = () => ({ code: 500 });
    const { final } = await dial(jane, 'jane', '00442079460000');

    expect(asked()).toEqual([...HELP]);
    expect([500, 503]).toContain(final.code);
  });

  it('count calls on each: one more than a trunk takes goes by the next', async () => {
    await rig.edit(() => rig.put('Trunk', 'first', { ...trunkTo('first'), limits: { concurrentCalls: 1 } }));
    for (const name of HELP) at(name).reply = () => ANSWER;
    const calls = await Promise.all([
      dial(jane, 'jane', '00442079460000'),
      dial(john, 'john', '00442079460001'),
      dial(bert, 'bert', '00442079460002'),
    ]);

    expect(calls.map(({ final }) => final.code)).toEqual([200, 200, 200]);
    expect(invites(at('first')).length).toBeLessThanOrEqual(1);
    await rig.edit(() => rig.put('Trunk', 'first', trunkTo('first')));
  });
});

describe('an emergency number that is an extension', () => {
  it('rings on where its Location becomes one with that number; both objects say so, with names', async () => {
    bert.reply = () => ({ code: 486 });
    await rig.edit(() => rig.put('Location', 'abroad', { country: 'DE' }));

    expect((await dial(jane, 'jane', '110')).final.code).toBe(486);
    expect(invites(bert)).toHaveLength(1);
    at('first').reply = () => ANSWER;
    expect((await dial(bert, 'bert', '110')).final.code).toBe(200);
    expect(invites(at('first'))[0]?.start).toContain('sip:110@');
    expect(rig.condition('Location', 'abroad', 'Ready')).toMatchObject({
      reason: 'ReservedExtension',
      message: expect.stringContaining('110 (SipUser bert)'),
    });
    expect(rig.condition('SipUser', 'bert', 'Ready')?.message).toContain('emergency number of Location abroad');
    await rig.edit(() => rig.put('Location', 'abroad', { country: 'IN' }));
  });

  it('is refused for a new user, and allowed where the provider says so, and then told', async () => {
    await rig.put('SipUser', 'room100', { extension: '100' });
    await rig.becomes('SipUser', 'room100', 'Ready', { status: 'False', reason: 'ReservedExtension' });
    await rig.edit(() =>
      rig.put('Organization', 'acme', { ...ORGANIZATION, extensions: { overEmergency: ['100', '101'] } }),
    );
    const room = await SipClient.open(PORT);
    const auth = rig.credentials('room100');
    expect((await room.register(auth.username, { auth })).final.code).toBe(200);
    await dial(jane, 'jane', '100');
    expect(invites(room)).toHaveLength(1);
    at('first').reply = () => ANSWER;
    expect((await dial(jane, 'jane', '101')).final.code).toBe(200);
    expect(invites(at('first'))[0]?.start).toContain('sip:101@');
    expect(rig.condition('Organization', 'acme', 'EmergencyNumbersOverridden')?.message).toContain(
      'Extensions 100 ring',
    );
    await rig.edit(() => rig.put('Organization', 'acme', ORGANIZATION));
    await room.close();
  });
});

describe('the trunk of a Location', () => {
  it('that is turned off is told by the Location, and its users call for help by the others', async () => {
    await rig.edit(() => rig.put('Trunk', 'third', { ...trunkTo('third'), enabled: false }));
    expect(rig.condition('Location', 'office', 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReferenceNotReady',
      message: expect.stringContaining('Trunk third is not in service'),
    });
    at('first').reply = () => ANSWER;

    expect((await dial(john, 'john', '112')).final.code).toBe(200);
    expect(asked()).toEqual(['first']);
  });

  it('that was the last one leaves an Organization that says that nobody can call for help, and callers 503', async () => {
    await rig.edit(async () => {
      for (const name of ['first', 'second']) await rig.put('Trunk', name, { ...trunkTo('first'), enabled: false });
    });

    expect(rig.condition('Organization', 'acme', 'EmergencyCalls')).toMatchObject({
      status: 'False',
      reason: 'NoTrunk',
    });
    expect((await dial(jane, 'jane', '112')).final.code).toBe(503);
    expect((await dial(jane, 'jane', '00442079460000')).final.code).toBe(503);
  });
});

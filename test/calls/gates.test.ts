import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeGate, openGate } from '../../src/agent/operations/gate.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { header, type Reply, SipClient, type SipMessage } from './sip.ts';

/** The gates before a call and the ways out, code by code on the wire. */
const PORT = await freePorts();
const OUTSIDE = '00442079460000';
let rig: Rig;
let jane: SipClient;
let john: SipClient;
let carrier: SipClient;

const ANSWER: Reply = { code: 200, sdp: true };

beforeAll(async () => {
  carrier = await SipClient.open(PORT, '127.0.0.5', PORT + 30);
  rig = await Rig.start(PORT, {
    organization: ORGANIZATION,
    users: USERS,
    numbers: {
      main: { number: '+914412345678', destination: { user: { name: 'john' } } },
      direct: { number: '+914412345679', destination: { user: { name: 'jane' } } },
      idle: { number: '+914412345670' },
    },
    trunks: { raw: { ...TRUNK } },
    locations: { office: { country: 'IN', emergency: { callerId: { name: 'direct' } } } },
  });
  [jane, john] = [await SipClient.open(PORT), await SipClient.open(PORT)];
  await jane.register('acme_1001', { auth: rig.credentials('jane') });
  await john.register('acme_1002', { auth: rig.credentials('john') });
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([jane, john, carrier].map(client => client?.close()));
});

const ORGANIZATION = {
  userDefaults: { voicemail: { enabled: false } },
  callerId: { default: { name: 'main' } },
};
const USERS = {
  jane: { extension: '1001', fullName: 'Jane Roe', location: { name: 'office' } },
  john: { extension: '1002', fullName: 'John Doe' },
};
const TRUNK = {
  servers: [{ name: 'a', host: '127.0.0.5', port: PORT + 30 }],
  health: { optionsSeconds: 0 },
};

const ORIGINAL: Readonly<Record<string, Record<string, unknown>>> = {
  'Organization/acme': { sipDomain: 'acme.example', location: { country: 'IN' }, ...ORGANIZATION },
  'SipUser/jane': USERS.jane,
  'Trunk/raw': TRUNK,
};
const current = new Map<string, string>();

/** Changes an object until the end of the test. */
async function change(key: string, spec: Record<string, unknown>): Promise<void> {
  const [kind = '', name = ''] = key.split('/');
  const text = JSON.stringify({ ...ORIGINAL[key], ...spec });
  if (text === (current.get(key) ?? JSON.stringify(ORIGINAL[key]))) return;
  current.set(key, text);
  await rig.edit(() => rig.put(kind, name, { ...ORIGINAL[key], ...spec }));
}

afterEach(async () => {
  for (const key of current.keys()) await change(key, {});
  const { client } = rig.pbx.agent;
  if (client) await openGate(client);
  await rig.hush();
  for (const client of [jane, john, carrier]) client.reply = () => ({ code: 486 });
});

async function dial(number: string, headers: Record<string, string> = {}) {
  for (const client of [john, carrier]) client.received.length = 0;
  return jane.request('INVITE', number, { from: 'acme_1001', auth: rig.credentials('jane'), headers });
}

function invites(client: SipClient): SipMessage[] {
  return client.received.filter(({ method }) => method === 'INVITE');
}

async function channels(): Promise<string> {
  return (await rig.pbx.agent.client?.command('core show channels count')) ?? '';
}

/** A call of the carrier, which needs no credentials: its address is known. */
function inbound(user: string, options: { to?: string; headers?: Record<string, string> } = {}) {
  for (const client of [john, jane, carrier]) client.received.length = 0;
  return carrier.request('INVITE', user, { from: '+442079460000', ...options });
}

describe('codes', () => {
  it.each([
    ['a number that nobody has', '1999', 404],
    ['a number that cannot be dialled in the country', '20794600', 404],
    ['a phone that is busy', '1002', 486],
  ])('%s is answered so', async (_what, number, code) => {
    expect((await dial(number)).final.code).toBe(code);
  });

  it.each([
    [486, 486],
    [603, 486],
    [480, 480],
    [503, 486],
  ])('a phone that says %i, without a destination for it, is %i to the caller', async (said, heard) => {
    john.reply = () => ({ code: said });
    expect((await dial('1002')).final.code).toBe(heard);
  });

  it.each([404, 486, 503])('a carrier’s %i is passed on', async code => {
    carrier.reply = () => ({ code });
    expect((await dial(OUTSIDE)).final.code).toBe(code);
  });
});

describe('gates', () => {
  it('suspended: new calls get 403 in and out, registrations and running calls stay, emergency passes', async () => {
    john.reply = () => ANSWER;
    const running = await dial('1002');
    await change('Organization/acme', { state: 'Suspended' });

    expect((await dial('1002')).final.code).toBe(403);
    expect((await dial(OUTSIDE)).final.code).toBe(403);
    expect((await inbound('914412345678')).final.code).toBe(403);
    expect((await jane.register('acme_1001', { auth: rig.credentials('jane') })).final.code).toBe(200);
    expect(await channels()).toContain('2 active channels');
    await dial('112');
    expect(invites(carrier)[0]?.start).toContain('sip:112@');
    await jane.hangUp(running.dialog);
  });

  it('suspended by an Organization that is refused for its class: new calls get 403 all the same', async () => {
    await change('Organization/acme', { state: 'Suspended', className: 'none' });

    expect((await dial('1002')).final.code).toBe(403);
    expect((await jane.register('acme_1001', { auth: rig.credentials('jane') })).final.code).toBe(200);
  });

  it('draining: new calls get 503, running calls stay, emergency passes', async () => {
    john.reply = () => ANSWER;
    const running = await dial('1002');
    const { client } = rig.pbx.agent;
    if (client) await closeGate(client);

    expect((await dial('1002')).final.code).toBe(503);
    expect((await inbound('914412345678')).final.code).toBe(503);
    await dial('112');
    expect(invites(carrier)[0]?.start).toContain('sip:112@');
    expect(await channels()).toContain('2 active channels');
    await jane.hangUp(running.dialog);
  });

  it('full: the next caller is refused after the prompt, emergency passes', async () => {
    john.reply = () => ANSWER;
    await change('Organization/acme', { limits: { concurrentCalls: 1 } });
    const running = await dial('1002');

    const second = await dial('1002');
    expect(second.final.code).toBe(503);
    expect(second.provisional.map(({ code }) => code)).toContain(183);
    await dial('112');
    expect(invites(carrier)[0]?.start).toContain('sip:112@');
    await jane.hangUp(running.dialog);
  });

  it('a trunk that is full is busy for calls out, and not for emergency', async () => {
    carrier.reply = () => ANSWER;
    await change('Trunk/raw', { limits: { concurrentCalls: 1 } });
    const running = await dial(OUTSIDE);
    expect(running.final.code).toBe(200);

    expect((await dial(OUTSIDE)).final.code).toBe(503);
    expect(invites(carrier)).toHaveLength(0);
    const emergency = await dial('112');
    expect(emergency.final.code).toBe(200);
    await jane.hangUp(emergency.dialog);
    await jane.hangUp(running.dialog);
    john.reply = () => ANSWER;
    const inward = await inbound('914412345678');
    expect((await dial(OUTSIDE)).final.code).toBe(503);
    await carrier.hangUp(inward.dialog);
  });

  it('permissions: what a user may not dial is 403, emergency passes', async () => {
    await change('SipUser/jane', { permissions: { dial: ['Internal', 'National'] } });

    expect((await dial(OUTSIDE)).final.code).toBe(403);
    expect((await dial('04422334455')).final.code).toBe(486);
    expect((await dial('00919876543210')).final.code).toBe(486);
    await dial('112');
    expect(invites(carrier)[0]?.start).toContain('sip:112@');
  });
});

describe('numbers in', () => {
  it.each([
    '+914412345678',
    '914412345678',
    '00914412345678',
    '04412345678',
    '4412345678',
  ])('%s is ours however it is written', async number => {
    john.reply = () => ({ code: 486 });
    await inbound(number);

    expect(invites(john)).toHaveLength(1);
    expect(header(invites(john)[0] ?? NONE, 'from')).toContain('442079460000');
  });

  it.each([
    ['RequestUri', '914412345678', { to: '914412345679' }, 'john'],
    ['To', 'anything', { to: '+914412345679' }, 'jane'],
    ['PCalledPartyId', 'x', { headers: { 'P-Called-Party-ID': '<sip:+914412345679@c.example>' } }, 'jane'],
  ] as const)('the number stands in %s when the trunk says so', async (didFrom, user, options, who) => {
    await change('Trunk/raw', { inbound: { didFrom } });
    await inbound(user, options);

    expect(invites(who === 'john' ? john : jane)).toHaveLength(1);
  });

  it('without a word about it the number is looked for in To, too', async () => {
    await inbound('trunk-account', { to: '+914412345679' });

    expect(invites(jane)).toHaveLength(1);
  });

  it('a number that is not ours, or leads nowhere, is 404, and where the trunk says', async () => {
    expect((await inbound('914400000000')).final.code).toBe(404);
    expect((await inbound('914412345670')).final.code).toBe(404);
    await change('Trunk/raw', { inbound: { unknownNumber: { user: { name: 'john' } } } });
    await inbound('914400000000');

    expect(invites(john)).toHaveLength(1);
  });

  it('an extension, a star code or a number outside is not for the world to dial', async () => {
    for (const number of ['1002', '*97', '112', '+442079460000', '00442079460000'])
      expect((await inbound(number)).final.code).toBe(404);
    expect(invites(carrier)).toHaveLength(0);
  });

  it('from an unknown address it is challenged, with the trunk’s credentials or not at all', async () => {
    await rig.write(
      'in.yaml',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: in}\nstringData: {username: in.bound+1, password: secret-in}\n',
    );
    const stranger = await SipClient.open(PORT, '127.0.0.7');
    expect((await stranger.request('INVITE', '914412345678', { from: '+44207' })).final.code).toBe(401);

    await change('Trunk/raw', { inbound: { auth: { secretRef: { name: 'in' } } } });
    const call = (username: string, password: string) =>
      stranger.request('INVITE', '914412345678', { from: '+44207', auth: { username, password } });
    expect((await call('in.bound+1', 'wrong-one')).final.code).toBe(401);
    expect((await call('inxbound+1', 'secret-in')).final.code).toBe(401);
    expect((await call('in.bound+1', 'secret-in')).final.code).toBe(486);
    expect((await inbound('914412345678')).final.code).toBe(401);
    await stranger.close();
  });

  it('who answers is not told to the carrier: no extension, no name', async () => {
    john.reply = () => ANSWER;
    const { final, dialog, provisional } = await inbound('914412345678');

    expect(final.code).toBe(200);
    for (const message of [final, ...provisional]) expect(message.text).not.toMatch(/(sip:|")1002\b|John|acme_/);
    expect(invites(carrier)).toHaveLength(0);
    await carrier.hangUp(dialog);
  });
});

describe('caller IDs out', () => {
  const shown = () => header(invites(carrier)[0] ?? NONE, 'from') ?? '';
  const asserted = () => header(invites(carrier)[0] ?? NONE, 'p-asserted-identity') ?? '';

  it('are the user’s, else the organization’s, else the trunk’s; never an extension or a name', async () => {
    carrier.reply = () => ({ code: 486 });
    await change('SipUser/jane', { callerId: { default: { name: 'direct' } } });
    await dial(OUTSIDE);
    expect([shown(), asserted()].map(numberOf)).toEqual(['+914412345679', '+914412345679']);

    await change('SipUser/jane', {});
    await dial(OUTSIDE);
    expect([shown(), asserted()].map(numberOf)).toEqual(['+914412345678', '+914412345678']);

    await change('Organization/acme', { callerId: {} });
    await change('Trunk/raw', { outbound: { fallbackCallerId: { name: 'idle' } } });
    await dial(OUTSIDE);
    expect([shown(), asserted()].map(numberOf)).toEqual(['+914412345670', '+914412345670']);
    expect(invites(carrier)[0]?.text).not.toMatch(/(sip:|")1001\b|Jane|acme_/);
  });

  it('are the organization’s own also when the phone asks for privacy or prefers another', async () => {
    await dial(OUTSIDE, { Privacy: 'id', 'P-Preferred-Identity': '<sip:+15550001111@x>' });

    expect(invites(carrier)[0]?.text).not.toMatch(/(sip:|")1001\b|Jane|acme_|5550001111/);
  });

  it('of an emergency call is the Location’s', async () => {
    await dial('100');

    expect(invites(carrier)[0]?.start).toContain('sip:100@');
    expect(numberOf(shown())).toBe('+914412345679');
  });

  it.each([
    ['E164', '+442079460000', '+914422334455'],
    ['E164NoPlus', '442079460000', '914422334455'],
    ['International', '00442079460000', '00914422334455'],
    ['National', '00442079460000', '04422334455'],
  ])('numbers go out as the trunk wants them: %s', async (numberFormat, world, home) => {
    await change('Trunk/raw', { outbound: { numberFormat, prefix: '9#' } });
    await dial(OUTSIDE);
    expect(invites(carrier)[0]?.start).toMatch(new RegExp(`sip:9(#|%23)${world.replace('+', '\\+')}@`));
    await dial('04422334455');
    expect(invites(carrier)[0]?.start).toMatch(new RegExp(`sip:9(#|%23)${home.replace('+', '\\+')}@`));
  });

  it('an own number dialled as the world dials it stays inside', async () => {
    john.reply = () => ({ code: 486 });
    await dial('+914412345678');

    expect(invites(carrier)).toHaveLength(0);
    expect(invites(john)).toHaveLength(1);
  });
});

const NONE = { start: '', code: 0, method: '', headers: new Map<string, string[]>(), body: '', text: '' };

function numberOf(value: string): string {
  return /sip:(\+?\d*)@/.exec(value)?.[1] ?? value;
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hangUpAll } from '../../src/agent/ami/actions.ts';
import type { TenantSnapshot } from '../../src/core/snapshot.ts';
import { until } from '../../src/runtime/clock.ts';
import { type Parts, phoneNumber, trunk, user } from '../snapshots.ts';
import { AgentRig, bundleFor, loaded } from './agent-rig.ts';
import { freePorts } from './ports.ts';
import { type Dialog, header, SipClient } from './sip.ts';

/** I am on the telephone while somebody edits: my call ends when I am deleted or disabled, and by nothing else. */
const PORT = await freePorts();
const CARRIER = '127.0.0.5';
let rig: AgentRig;
const clients: SipClient[] = [];

const jane = (extension: string) => user('jane', extension, {}, 1);
const john = (extension: string, spec: Record<string, unknown> = {}) => user('john', extension, spec, 2);
const mary = (extension: string) => user('mary', extension, {}, 3);
const line = trunk('line', { servers: [{ name: 'a', host: CARRIER, port: PORT + 20 }] });
const number = phoneNumber('main', '+442079460000', {
  trunk: { name: 'line' },
  destination: { user: { name: 'john' } },
});
const auth = (name: string, extension: string) => ({
  username: `acme_${extension}`,
  password: `password-of-${name}-sip`,
});

beforeAll(async () => {
  rig = await AgentRig.start(PORT);
});

afterAll(async () => {
  await rig?.stop();
});

beforeEach(async () => {
  const { client } = rig.agent;
  if (client) await hangUpAll(client);
  await Promise.all(clients.splice(0).map(client => client.close()));
  await inForce([jane('1001'), john('1002')]);
});

async function inForce(users: TenantSnapshot['objects']['SipUser'], more: Parts = {}): Promise<void> {
  const bundle = bundleFor(PORT, { users, ...more });
  await rig.publish(bundle);
  await loaded(rig, bundle.manifest.generation);
}

async function phone(name: string, extension: string): Promise<SipClient> {
  const client = await SipClient.open(PORT);
  clients.push(client);
  client.reply = () => ({ code: 200, sdp: true });
  expect((await client.register(`acme_${extension}`, { auth: auth(name, extension) })).final.code).toBe(200);
  return client;
}

/** Jane has called john. */
async function talking(): Promise<{ hers: SipClient; his: SipClient; dialog: Dialog }> {
  const [hers, his] = [await phone('jane', '1001'), await phone('john', '1002')];
  const { dialog } = await hers.request('INVITE', '1002', { from: 'acme_1001', auth: auth('jane', '1001') });
  if (!dialog) throw new Error('Nobody answered');
  return { hers, his, dialog };
}

async function channels(): Promise<string[]> {
  const rows = (await rig.agent.client?.list('CoreShowChannels')) ?? [];
  return rows.map(row => (row['Channel'] ?? '').replace(/-[0-9a-f]+$/, '')).sort();
}

/** Her phone still does with it what phones do with calls (hold is such a request), and nobody was told of an end. */
async function goesOn(hers: SipClient, dialog: Dialog, his: SipClient): Promise<void> {
  const again = await hers.within(dialog, 'INVITE');
  expect(again.final.code).toBe(200);
  dialog.cseq += 2;
  const byes = hers.received.filter(({ method }) => method === 'BYE').map(bye => header(bye, 'call-id'));
  expect(byes).not.toContain(dialog.callId);
  expect(his.received.map(({ method }) => method)).not.toContain('BYE');
}

async function ended(client: SipClient): Promise<void> {
  await until('the end of the call', () => client.received.find(({ method }) => method === 'BYE'), {
    deadlineMs: 5_000,
  });
}

async function contactsOf(extension: string): Promise<string> {
  const { client } = rig.agent;
  return client ? client.command(`database show registrar/contact acme_${extension}`) : '';
}

describe('a call of mine', () => {
  it('goes on when my extension is another, and is nobody’s who gets the old one', async () => {
    const { hers, his, dialog } = await talking();

    await inForce([jane('1001'), john('1012'), mary('1002')]);

    await goesOn(hers, dialog, his);
    expect(await contactsOf('1002')).toContain('0 results'); // hers rings no phone of his
    expect((await his.register('acme_1002', { auth: auth('john', '1002') })).final.code).toBe(401);
    const marys = await phone('mary', '1002');
    const { dialog: second } = await marys.request('INVITE', '1001', { from: 'acme_1002', auth: auth('mary', '1002') });
    expect(await channels()).toEqual(['PJSIP/acme_1001', 'PJSIP/acme_1001', 'PJSIP/acme_1002', 'PJSIP/acme_1002']);

    await inForce([jane('1001'), john('1012')]); // she who has the old one is deleted: her call only
    await ended(marys);
    await goesOn(hers, dialog, his);
    expect(second).toBeDefined();

    await inForce([jane('1001')]); // and he who has another is: his call, begun under the old one
    await ended(his);
    await ended(hers);
  });

  it('goes on when I swap extensions with whom I talk to', async () => {
    const { hers, his, dialog } = await talking();

    await inForce([jane('1002'), john('1001')]);

    await goesOn(hers, dialog, his);
    expect(await contactsOf('1001')).toContain('0 results');
    expect(await contactsOf('1002')).toContain('0 results');

    await inForce([jane('1002'), john('1001', { enabled: false })]);
    await ended(his);
  });

  it('ends when I am deleted, and the other’s goes on who is given my extension in the same edit', async () => {
    const { hers, his, dialog } = await talking();
    const marys = await SipClient.open(PORT);
    clients.push(marys);
    await inForce([jane('1001'), john('1002'), mary('1003')]);
    await marys.register('acme_1003', { auth: auth('mary', '1003') });
    const own = await marys.request('INVITE', '1001', { from: 'acme_1003', auth: auth('mary', '1003') });
    if (!own.dialog) throw new Error('Nobody answered');

    await inForce([jane('1001'), mary('1002')]);

    await ended(his);
    expect(dialog.callId).not.toBe('');
    await until('only her call to be left', async () => (await channels()).length === 2 || undefined, {
      deadlineMs: 5_000,
    });
    expect((await marys.within(own.dialog, 'INVITE')).final.code).toBe(200);
    expect(hers.received.filter(({ method }) => method === 'BYE')).toHaveLength(1);
  });

  it('goes on when all that happened while the agent was away', async () => {
    const { hers, his, dialog } = await talking();
    await rig.stopAgent();
    const bundle = bundleFor(PORT, { users: [jane('1012'), john('1001'), mary('1002')] });
    await rig.publish(bundle);

    rig.startAgent();
    await loaded(rig, bundle.manifest.generation);

    await goesOn(hers, dialog, his);
    for (const extension of ['1001', '1002']) expect(await contactsOf(extension)).toContain('0 results');
    await rig.stopAgent();
    const without = bundleFor(PORT, { users: [john('1001'), mary('1002')] });
    await rig.publish(without);

    rig.startAgent();
    await loaded(rig, without.manifest.generation);

    await ended(hers);
    await ended(his);
  });

  it('from outside goes on when the Trunk that brought it is disabled, or deleted', async () => {
    const all = { trunks: [line], numbers: [number] };
    await inForce([jane('1001'), john('1002')], all);
    const his = await phone('john', '1002');
    const carrier = await SipClient.open(PORT, CARRIER, PORT + 20);
    clients.push(carrier);
    const { final, dialog } = await carrier.request('INVITE', '442079460000', { from: '+4420111' });
    if (!dialog) throw new Error(`The call did not come in: ${final.start}`);

    await inForce([jane('1001'), john('1002')], {
      ...all,
      trunks: [{ ...line, spec: { ...line.spec, enabled: false } }],
    });
    await goesOn(carrier, dialog, his);
    await inForce([jane('1001'), john('1002')]);
    await goesOn(carrier, dialog, his);

    await inForce([jane('1001'), john('1002', { enabled: false })]);
    await ended(carrier);
    await ended(his);
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { reload, setLamps } from '../../../src/agent/ami/actions.ts';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { type Dialog, header, SipClient } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/** How new lamps are refused without an end to those that are lit. */
const PORT = await freePorts();
let asterisk: BareAsterisk;
let watcher: SipClient;
let watched: SipClient;
let lit: Dialog | undefined;

beforeAll(async () => {
  const users = userFiles('u1', 'u2', 'u3');
  asterisk = await BareAsterisk.start(PORT, {
    ...users,
    'pjsip_endpoint.conf': users['pjsip_endpoint.conf'].replaceAll(
      'type=endpoint\n',
      'type=endpoint\nsubscribe_context=hints\n',
    ),
    'extensions.conf':
      '[c]\n[hints]\ninclude => hints-users\n[hints-users]\nexten => _100[123],hint,PJSIP/u${EXTEN:3}\n',
  });
  watcher = await SipClient.open(PORT);
  watched = await SipClient.open(PORT, '127.0.0.9');
  const { dialog, final } = await watch('1002');
  expect(final.code).toBe(200);
  lit = dialog;
});

afterAll(async () => {
  await Promise.all([watcher, watched].map(client => client?.close()));
  await asterisk?.remove();
});

const LAMP = { Event: 'dialog', Expires: '60' };

function watch(extension: string) {
  return watcher.request('SUBSCRIBE', extension, { from: 'u1', auth: login('u1'), headers: LAMP });
}

it('who begins to watch gets 404, twice said or once', async () => {
  for (let time = 0; time < 2; time++) {
    await setLamps(asterisk.client, false);
    for (const extension of ['1002', '1003']) expect((await watch(extension)).final.code).toBe(404);
  }
});

it('who watches is told on, and may go on watching', async () => {
  if (!lit) throw new Error('Nobody watches');
  expect((await watcher.within(lit, 'SUBSCRIBE', { headers: LAMP })).final.code).toBe(200);
  watcher.received.length = 0;
  await watched.register('u2', { auth: login('u2') });
  const notify = await until('the watcher to be told', () => watcher.received.find(one => one.method === 'NOTIFY'), {
    deadlineMs: 5_000,
  });
  expect(header(notify, 'subscription-state')).toMatch(/^active/);
});

it('a reload of the dialplan lets everybody in again, and so does the command', async () => {
  await reload(asterisk.client, 'pbx_config.so', 10_000);
  await until('somebody to be let in', async () => (await watch('1003')).final.code === 200 || undefined, {
    deadlineMs: 5_000,
  });
  await setLamps(asterisk.client, false);
  expect((await watch('1003')).final.code).toBe(404);
  for (let time = 0; time < 2; time++) await setLamps(asterisk.client, true);
  expect((await watch('1003')).final.code).toBe(200);
});

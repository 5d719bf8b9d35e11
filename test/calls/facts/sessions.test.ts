import { afterAll, beforeAll, expect, it } from 'vitest';
import { endpointTemplates } from '../../../src/core/asterisk/pjsip.ts';
import type { Tenant } from '../../../src/core/tenant.ts';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { RtpEnd } from '../rtp.ts';
import { SipClient, type SipMessage } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/**
 * How a call ends whose phone is gone, and that one whose phone is silent does not. What takes minutes is shortened: the
 * session to the 90 s that RFC 4028 allows at least, a transaction to 64 × 100 ms, keep-alives to a second.
 */
const PORT = await freePorts();
const SHORT = 'timers_sess_expires=90\nrtp_keepalive=1\n';
const TEMPLATES = endpointTemplates({ name: 'acme', features: { callTransfer: true } } as Tenant);
let asterisk: BareAsterisk;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const { 'pjsip_aor.conf': aors, 'pjsip_auth.conf': auths } = userFiles('one', 'two');
  const ids = ['one', 'two'].map(id => `[${id}](user)\n${SHORT}auth=${id}\naors=${id}\ncontext=c\n`);
  asterisk = await BareAsterisk.start(PORT, {
    'pjsip_aor.conf': aors,
    'pjsip_auth.conf': auths,
    'pjsip_endpoint.conf': TEMPLATES + ids.join(''),
    'pjsip_system.conf': '[system]\ntype=system\ntimer_t1=100\ntimer_b=6400\n',
    'extensions.conf': '[general]\n[c]\nexten => 1,1,Answer()\n same => n,Wait(600)\nexten => 2,1,Dial(PJSIP/two)\n',
  });
});

afterAll(async () => {
  await Promise.all(open.map(one => one.close()));
  await asterisk?.remove();
});

async function phone(): Promise<SipClient> {
  const client = await SipClient.open(PORT);
  open.push(client);
  client.reply = () => ({ code: 200, sdp: true });
  return client;
}

/** A phone that knows no session timers and never says a word, in a call. */
async function silent(): Promise<SipClient> {
  const client = await phone();
  const { final } = await client.request('INVITE', '1', { from: 'one', auth: login('one') });
  expect(final.code).toBe(200);
  return client;
}

const seen = (client: SipClient, method: string): SipMessage[] => client.received.filter(one => one.method === method);

it('a call whose phone is gone ends with the session; one whose phone says nothing but answers lives', async () => {
  const [gone, muted] = [await silent(), await silent()];
  gone.deaf = true;
  await until(
    'the call without a phone to end',
    async () => {
      const shown = await asterisk.client.command('core show channels count');
      return shown.includes('1 active channel') && !shown.includes('11') ? true : undefined;
    },
    { deadlineMs: 75_000, everyMs: 200 },
  );

  expect(await asterisk.client.command('pjsip show endpoint one')).toMatch(/rtp_timeout +: 0/);
  expect(seen(muted, 'INVITE')).toHaveLength(1); // it was asked
  expect(seen(muted, 'BYE')).toEqual([]);
}, 100_000);

it('whoever is talked to by a muted phone gets a packet now and then, and so is not cut off by others', async () => {
  const [caller, callee] = [await phone(), await phone()];
  const ear = await RtpEnd.open('127.0.0.4');
  open.push(ear);
  await callee.register('two', { auth: login('two') });
  const sdp = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.4',
    's=-',
    'c=IN IP4 127.0.0.4',
    't=0 0',
    `m=audio ${ear.port} RTP/AVP 8`,
    '',
  ].join('\r\n');
  const { final, dialog } = await caller.request('INVITE', '2', { from: 'one', auth: login('one'), sdp });
  expect(final.code).toBe(200);

  await until('a packet of a callee who says nothing', () => ear.heard > 1 || undefined, { deadlineMs: 10_000 });
  await caller.hangUp(dialog);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { authorization, header, SipClient } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/** What an answer to a challenge is good for, beyond what it was made for: a limit of Asterisk, for which TLS is the remedy. */
const PORT = await freePorts();
let asterisk: BareAsterisk;
let phone: SipClient;
let sniffer: SipClient;
let stranger: SipClient;

beforeAll(async () => {
  const files = userFiles('one', 'two');
  const auth = files['pjsip_auth.conf'].replace('username=two', 'username=two\nnonce_lifetime=1');
  const dialplan = '[c]\nexten => _X,1,Answer()\n same => n,Wait(30)\n';
  asterisk = await BareAsterisk.start(PORT, { ...files, 'pjsip_auth.conf': auth, 'extensions.conf': dialplan });
  phone = await SipClient.open(PORT);
  sniffer = await SipClient.open(PORT); // behind the same address
  stranger = await SipClient.open(PORT, '127.0.0.9');
});

afterAll(async () => {
  await Promise.all([phone, sniffer, stranger].map(client => client?.close()));
  await asterisk?.remove();
});

/** The header that the phone would send. */
async function answerTo(method: string, user: string, id: string): Promise<Record<string, string>> {
  const { final } = await phone.request(method, user, { from: id, to: id });
  const uri = `sip:${user}${user === '' ? '' : '@'}127.0.0.1:${PORT}`;
  return { Authorization: authorization(header(final, 'www-authenticate') ?? '', method, uri, login(id)) };
}

it('another request and another port of the same address, again and again, but no other address', async () => {
  const headers = await answerTo('INVITE', '1', 'one');
  for (const number of ['2', '3']) {
    const { final, dialog } = await sniffer.request('INVITE', number, { from: 'one', headers });
    expect(final.code).toBe(200);
    await sniffer.hangUp(dialog);
  }
  expect((await stranger.request('INVITE', '1', { from: 'one', headers })).final.code).toBe(401);
});

it('as long as its nonce lives, and then it is asked for a new one', async () => {
  const headers = await answerTo('REGISTER', '', 'two');
  const again = (contact: string) => sniffer.register('two', { headers, contact });
  const refused = async () => {
    const { final } = await again('sip:sniffer@127.0.0.4');
    return final.code === 401 ? final : undefined;
  };
  const final = await until('the nonce to be too old', refused, { deadlineMs: 10_000, everyMs: 100 });
  expect(header(final, 'www-authenticate')).toContain('stale=true');
});

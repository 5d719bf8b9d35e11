import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetContact, storedContacts } from '../../../src/agent/ami/actions.ts';
import { outboundRegistrations } from '../../../src/agent/ami/queries.ts';
import { registrationFailures, registrationKey } from '../../../src/agent/live/registration-log.ts';
import { passwordDigests } from '../../../src/core/asterisk/sip-digest.ts';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { SipClient, type SipMessage } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/** Who registers here and who is found there; and how Asterisk registers at a carrier that refuses. */
const PORT = await freePorts();
const FILES = {
  ...userFiles('one', 'two'),
  'pjsip_identify.conf': '; none\n',
  'extensions.conf': '[general]\n[c]\nexten => 1,1,Hangup(17)\n[trunk]\nexten => _X!,1,Hangup(42)\n',
};
const { 'pjsip_endpoint.conf': ENDPOINTS, 'pjsip_auth.conf': AUTHS } = FILES;
const global = (order: string): string => `[global]\ntype=global\nendpoint_identifier_order=${order}\n`;
const PHONE = '127.0.0.4';
let asterisk: BareAsterisk;
let phone: SipClient;

beforeAll(async () => {
  asterisk = await BareAsterisk.start(PORT, { ...FILES, 'pjsip_global.conf': global('username,ip,header') });
  phone = await SipClient.open(PORT, PHONE);
});

afterAll(async () => {
  await phone?.close();
  await asterisk?.remove();
});

beforeEach(() => asterisk.load(FILES));

async function register(client: SipClient, id: string, auth = login(id)): Promise<number> {
  return (await client.register(id, { auth })).final.code;
}

function digestAuth(id: string, realm: string, { md5, sha256 }: { md5: string; sha256?: string }): string {
  const digests = sha256 ? `password_digest=SHA-256:${sha256}\n` : '';
  return `[${id}]\ntype=auth\nusername=${id}\nrealm=${realm}\n${digests}password_digest=MD5:${md5}\nsupported_algorithms_uas=SHA-256,MD5\n`;
}

describe('a phone', () => {
  it('behind the address of a trunk is itself, since names are asked before addresses, from the start on (T9)', async () => {
    await asterisk.load({
      'pjsip_endpoint.conf': `${ENDPOINTS}[t-carrier]\ntype=endpoint\ncontext=trunk\nallow=!all,alaw\n`,
      'pjsip_identify.conf': `[t-carrier]\ntype=identify\nendpoint=t-carrier\nmatch=${PHONE}\n`,
    });
    const fromOutside = await phone.request('INVITE', '49123', { from: 'somebody' });
    expect(fromOutside.final.code).toBe(503); // by the trunk's context
    expect(await register(phone, 'one')).toBe(200);

    await asterisk.load({ 'pjsip_global.conf': global('ip,username') });
    expect(await register(phone, 'one')).toBe(200);
  });

  it('is known by digests of its name and realm, and of no other: a new realm makes new ones (T17)', async () => {
    const known = async (realm: string, of: string, name: string): Promise<number> => {
      await asterisk.load({ 'pjsip_auth.conf': digestAuth('one', realm, passwordDigests(name, of, 'secret-one')) });
      return register(phone, 'one');
    };

    expect(await known('a.example', 'a.example', 'one')).toBe(200);
    expect(await known('b.example', 'a.example', 'one')).toBe(401);
    expect(await known('b.example', 'b.example', 'one')).toBe(200);
    expect(await known('b.example', 'b.example', 'two')).toBe(401);
  });

  it('has no login at all when an algorithm is offered without its digest: always both are rendered (T17)', async () => {
    const { md5 } = passwordDigests('half', 'a.example', 'secret-half');
    await asterisk.load({ 'pjsip_auth.conf': AUTHS + digestAuth('half', 'a.example', { md5 }) });
    const rows = await asterisk.client.list('PJSIPShowAuths');

    expect(rows.map(row => row['ObjectName']).sort()).toEqual(['one', 'two']);
  });

  it('that is forgotten by the database is not dialled, though its device looks as if it were there (T6, T16)', async () => {
    const contacts = (): Promise<string> => asterisk.value('PJSIP_DIAL_CONTACTS(two)');
    const state = (): Promise<string> => asterisk.value('DEVICE_STATE(PJSIP/two)');
    await register(phone, 'two');
    expect(await contacts()).toBe(`PJSIP/two/${phone.contact}`);
    const there = await until('the device to be there', async () => (await state()).match('NOT_INUSE')?.[0], {
      deadlineMs: 5_000,
      everyMs: 10,
    });

    for (const key of (await storedContacts(asterisk.client)).get('two') ?? [])
      await forgetContact(asterisk.client, key);
    expect(await contacts()).toBe('');
    expect(await state()).toBe(there);
  });
});

describe('a registration at a carrier', () => {
  const MANNERS = { gone: 404, forbidden: 403, wrong: 401, busy: 503, stopped: 404 };
  const CHALLENGE = { 'WWW-Authenticate': 'Digest realm="carrier", nonce="abc", algorithm=MD5, qop="auth"' };
  const who = (request: SipMessage): string => /sip:(\w+)@/.exec(request.headers.get('from')?.[0] ?? '')?.[1] ?? '';

  it('starts at once and goes on after any refusal, where a 404 else ends it; its log says the code (T10)', async () => {
    const carrier = await SipClient.open(PORT, '127.0.0.5');
    carrier.reply = request => ({ code: MANNERS[who(request) as keyof typeof MANNERS], headers: CHALLENGE });
    const retries =
      'retry_interval=1\nforbidden_retry_interval=1\nfatal_retry_interval=1\nauth_rejection_permanent=no\n';
    const section = (name: string): string =>
      `[${name}]\ntype=registration\ntransport=udp\noutbound_auth=one\nserver_uri=sip:${carrier.address}:${carrier.port}\nclient_uri=sip:${name}@${carrier.address}\nmax_retries=1000\nmax_random_initial_delay=0\n${name === 'stopped' ? '' : retries}`;
    await asterisk.load({ 'pjsip_registration.conf': Object.keys(MANNERS).map(section).join('') });
    const tries = (name: string): number =>
      carrier.received.filter(request => who(request) === name && !request.headers.has('authorization')).length;
    const again = Object.keys(MANNERS).filter(name => name !== 'stopped');
    const all = (): true | undefined => Object.keys(MANNERS).every(name => tries(name) > 0) || undefined;
    await until('each to be tried', all, { deadlineMs: 4_000, everyMs: 20 }); // by default it may take ten seconds
    await until('the others to be tried three times', () => again.every(name => tries(name) >= 3) || undefined, {
      deadlineMs: 20_000,
      everyMs: 20,
    });

    expect(tries('stopped')).toBe(1);
    await asterisk.says(
      /Fatal response '404' received from .* on registration attempt to 'sip:stopped@[^']*', stopping/,
    );
    const states = await outboundRegistrations(asterisk.client);
    expect(again.map(name => states.get(name)?.state)).toEqual(again.map(() => 'Rejected'));
    // no event tells the code
    const codes = new Map(
      Object.entries(MANNERS).map(([name, code]) => [
        registrationKey(`sip:${carrier.address}:${carrier.port}`, `sip:${name}@${carrier.address}`),
        code,
      ]),
    );
    const said = registrationFailures(await asterisk.problems());
    expect(new Map([...said].map(([uri, { code }]) => [uri, code]))).toEqual(codes);
    await asterisk.load({ 'pjsip_registration.conf': '; none\n' });
    await carrier.close();
  });

  it('of one account at two servers has two codes, and is named alike in the log and to the manager', async () => {
    const carriers = [await SipClient.open(PORT, '127.0.0.5'), await SipClient.open(PORT, '127.0.0.6')];
    const codes = [403, 503];
    const sections = carriers.map((carrier, at) => {
      carrier.reply = () => ({ code: codes[at] ?? 500 });
      // as src/core/asterisk/pjsip-trunk.ts writes it
      return `[at${at}]\ntype=registration\ntransport=udp\nserver_uri=sip:${carrier.address}:${carrier.port}\\;transport=udp\nclient_uri=sip:us@carrier.example\nforbidden_retry_interval=30\nmax_random_initial_delay=0\n`;
    });
    await asterisk.load({ 'pjsip_registration.conf': sections.join('') });
    const told = async () => {
      const rows = [...(await outboundRegistrations(asterisk.client))].sort();
      const said = registrationFailures(await asterisk.problems());
      const found = rows.map(([, row]) => said.get(registrationKey(row.serverUri, row.clientUri))?.code);
      return JSON.stringify(found) === JSON.stringify(codes) || undefined;
    };
    await until('each to be told its own code', told, { deadlineMs: 10_000 });
    await asterisk.load({ 'pjsip_registration.conf': '; none\n' });
    await Promise.all(carriers.map(carrier => carrier.close()));
  });
});

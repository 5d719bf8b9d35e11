import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../ports.ts';
import { SipClient, type SipMessage } from '../sip.ts';
import { BareAsterisk, login } from './bare-asterisk.ts';

/** By what Asterisk knows a carrier, and what becomes of codecs that it can only hand on. */
const PORT = await freePorts();
const CARRIER = '127.0.0.5';
/** Trunks by what they allow; phones likewise. */
const TRUNKS = { only729: 'g729', mixed: 'alaw,g729', only_opus: 'opus', only_alaw: 'alaw' };
const PHONES = { alaw: 'alaw', g729: 'g729', both: 'alaw,g729', opus: 'opus' };
/** Each context ends a call with a cause of its own. */
const CAUSES = {
  a: { cause: 17, code: 486 },
  b: { cause: 21, code: 403 },
  'a-x': { cause: 18, code: 408 },
  ab: { cause: 34, code: 503 },
};

const EVENTS = 'a=rtpmap:101 telephone-event/8000';
const SDP = {
  alaw: `m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n${EVENTS}`,
  g729: `m=audio 40000 RTP/AVP 18 101\r\na=rtpmap:18 G729/8000\r\n${EVENTS}`,
  both: `m=audio 40000 RTP/AVP 8 18 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:18 G729/8000\r\n${EVENTS}`,
  opus: `m=audio 40000 RTP/AVP 107 101\r\na=rtpmap:107 opus/48000/2\r\n${EVENTS}`,
};
let asterisk: BareAsterisk;
let phone: SipClient;
let carrier: SipClient;

const each = (names: Readonly<Record<string, string>>, text: (name: string, allow: string) => string): string =>
  Object.entries(names)
    .map(([name, allow]) => text(name, allow))
    .join('');
const endpoint = (name: string, allow: string, context = 'c'): string =>
  `[${name}]\ntype=endpoint\ncontext=${context}\nallow=!all,${allow}\ndirect_media=no\naors=${name}\n`;

beforeAll(async () => {
  carrier = await SipClient.open(PORT, CARRIER, PORT + 30);
  phone = await SipClient.open(PORT);
  const dial = (name: string): string =>
    `exten => ${name},1,Dial(PJSIP/123@${name},10)\n same => n,Hangup(\${HANGUPCAUSE})\n`;
  asterisk = await BareAsterisk.start(PORT, {
    'pjsip_global.conf': '[global]\ntype=global\nendpoint_identifier_order=username,ip,header\n',
    'pjsip_endpoint.conf':
      each(TRUNKS, (name, allow) => endpoint(name, allow)) +
      each(PHONES, (name, allow) => `${endpoint(name, allow)}auth=${name}\n`) +
      Object.keys(CAUSES)
        .map(name => endpoint(`t-${name}`, 'alaw', `by-${name}`))
        .join(''),
    'pjsip_aor.conf':
      each(TRUNKS, name => `[${name}]\ntype=aor\ncontact=sip:${CARRIER}:${PORT + 30}\n`) +
      each(PHONES, name => `[${name}]\ntype=aor\nmax_contacts=1\n`),
    'pjsip_auth.conf': each(PHONES, name => `[${name}]\ntype=auth\nusername=${name}\npassword=secret-${name}\n`),
    'extensions.conf': [
      '[general]\n[c]\n',
      ...Object.keys(TRUNKS).map(dial),
      'exten => prompt,1,Answer()\n same => n,Playback(all-circuits-busy-now)\n',
      ' same => n,GotoIf($["${PLAYBACKSTATUS}" = "SUCCESS"]?end)\n same => n,Set(GLOBAL(MUTE)=${CHANNEL(audioreadformat)})\n',
      ' same => n(end),Hangup()\n',
      ...Object.entries(CAUSES).map(([name, { cause }]) => `[by-${name}]\nexten => _X!,1,Hangup(${cause})\n`),
    ].join(''),
  });
});

afterAll(async () => {
  await Promise.all([phone?.close(), carrier?.close()]);
  await asterisk?.remove();
});

describe('a call from an address of several trunks', () => {
  it.each([
    ['the same address, whichever is written first', { b: CARRIER, a: CARRIER }, 'a'],
    ['one has the address and the other its network', { b: CARRIER, a: '127.0.0.0/8' }, 'a'],
    ['the other way round', { b: '127.0.0.0/8', a: CARRIER }, 'a'],
    ['a name is the beginning of another', { 'a-x': CARRIER, a: CARRIER }, 'a'],
    ['a hyphen comes before letters', { ab: CARRIER, 'a-x': CARRIER }, 'a-x'],
    ['everybody’s network', { b: '0.0.0.0/0' }, 'b'],
  ] as const)('is one of the first by name: %s', async (_what, identifies, wanted) => {
    const sections = Object.entries(identifies).map(
      ([name, match]) => `[t-${name}]\ntype=identify\nendpoint=t-${name}\nsrv_lookups=no\nmatch=${match}\n`,
    );
    await asterisk.load({ 'pjsip_identify.conf': sections.join('') });

    const { final } = await carrier.request('INVITE', '123', { from: 'somebody' });

    expect(final.code).toBe(CAUSES[wanted].code);
  });
});

/** What a phone hears that offers something to a carrier that chooses something. */
async function call(who: keyof typeof PHONES, trunk: keyof typeof TRUNKS, answer: keyof typeof SDP) {
  carrier.received.length = 0;
  phone.received.length = 0;
  carrier.reply = () => ({ code: 200, sdp: SDP[answer] });
  const { final, dialog } = await phone.request('INVITE', trunk, { from: who, auth: login(who), sdp: SDP[who] });
  const offered = /m=audio \d+ RTP\/AVP ([\d ]+)/.exec(invite()?.body ?? '')?.[1]?.split(' ') ?? [];
  return { code: final.code, dialog, offered };
}

function invite(): SipMessage | undefined {
  return carrier.received.find(({ method }) => method === 'INVITE');
}

describe('a codec that Asterisk can only hand on', () => {
  it.each([
    ['g729', 'only729', 'g729'],
    ['opus', 'only_opus', 'opus'],
  ] as const)('is handed on between two who speak nothing else (%s)', async (who, trunk, answer) => {
    const { code, dialog } = await call(who, trunk, answer);

    expect(code).toBe(200);
    await phone.hangUp(dialog);
  });

  it.each([
    ['alaw', 'only729', 'g729'],
    ['g729', 'only_alaw', 'alaw'],
    ['opus', 'only_alaw', 'alaw'],
  ] as const)('makes no call between %s and %s', async (who, trunk, answer) => {
    expect((await call(who, trunk, answer)).code).toBe(603);
  });

  it('is offered to a carrier though the caller does not speak it, and ends the call when it is chosen', async () => {
    const { code, offered } = await call('alaw', 'mixed', 'g729');

    expect(offered).toContain('18');
    // which of the two it is is a race within Asterisk: between the answer and the end for want of a translation
    expect([603, 200]).toContain(code);
    if (code === 200)
      await expect.poll(() => phone.received.map(({ method }) => method), { timeout: 5_000 }).toEqual(['BYE']);
  });

  it('ends the call of a caller who speaks both, too, as soon as it is answered', async () => {
    const { code } = await call('both', 'only729', 'g729');

    expect(code).toBe(200);
    await expect.poll(() => phone.received.map(({ method }) => method), { timeout: 5_000 }).toEqual(['BYE']);
  });

  it.each(['g729', 'opus'] as const)('hears no prompt (%s)', async who => {
    await asterisk.client.action('Setvar', { Variable: 'MUTE', Value: '' });
    await phone.request('INVITE', 'prompt', { from: who, auth: login(who), sdp: SDP[who] });

    await expect.poll(() => asterisk.value('MUTE'), { timeout: 5_000 }).toBe(who);
  });
});

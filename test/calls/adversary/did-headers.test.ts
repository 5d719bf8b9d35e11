import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../ports.ts';
import { Rig } from '../rig.ts';
import { SipClient } from '../sip.ts';

/**
 * A carrier writes the called number as it likes: behind display names with every sign, with parameters, as tel:, without
 * brackets. It is our number all the same; and text that only looks like our number, elsewhere in a header, is not.
 */
const PORT = await freePorts();
const AT = PORT + 30;
const NUMBER = '+914412345678';
const TRUNKS = {
  to: ['127.0.0.21', 'To'],
  called: ['127.0.0.22', 'PCalledPartyId'],
  uri: ['127.0.0.23', 'RequestUri'],
  any: ['127.0.0.24', undefined],
} as const;
const clients = new Map<string, SipClient>();
let rig: Rig;
let phone: SipClient;

beforeAll(async () => {
  for (const [name, [address]] of Object.entries(TRUNKS)) clients.set(name, await SipClient.open(PORT, address, AT));
  phone = await SipClient.open(PORT);
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } } },
    users: { jane: { extension: '1001' } },
    numbers: { main: { number: NUMBER, destination: { user: { name: 'jane' } } } },
    trunks: Object.fromEntries(
      Object.entries(TRUNKS).map(([name, [host, didFrom]]) => [
        name,
        {
          servers: [{ name: 'a', host, port: AT }],
          health: { optionsSeconds: 0 },
          ...(didFrom && { inbound: { didFrom } }),
        },
      ]),
    ),
  });
  await phone.register('acme_1001', { auth: rig.credentials('jane') });
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([phone, ...clients.values()].map(client => client?.close()));
});

/** The phone is busy: 486 says that it rang. */
async function call(trunk: keyof typeof TRUNKS, user: string, headers: Record<string, string> = {}): Promise<number> {
  const answer = await clients.get(trunk)?.request('INVITE', user, { from: '+442079460000', headers });
  return answer?.final.code ?? 0;
}

/** Forms of a header that all mean our number. */
const FORMS = [
  `<sip:${NUMBER}@pbx.example>`,
  `"Front desk" <sip:${NUMBER}@pbx.example>`,
  `"Hotel: front" <sip:${NUMBER}@pbx.example>`,
  `"a@b" <sip:${NUMBER}@pbx.example>`,
  `"sip:+914400000000@x" <sip:${NUMBER}@pbx.example>`,
  `"<sip:+914400000000@x>" <sip:${NUMBER}@pbx.example>`,
  `"a \\"quoted\\" <b>" <sip:${NUMBER}@pbx.example>`,
  `Hotel <sip:${NUMBER}@pbx.example>`,
  `<sip:${NUMBER};npdi;rn=+914400000001@pbx.example>`,
  `<sip:${NUMBER};phone-context=+91@pbx.example>`,
  `<sip:${NUMBER}@pbx.example;user=phone>`,
  `<sip:${NUMBER}@pbx.example:5060;transport=udp>`,
  `<sips:${NUMBER}@pbx.example>`,
  `<tel:${NUMBER}>`,
  `<tel:+91-44-1234-5678>`,
  `<tel:${NUMBER};npdi;rn=+914400000001>`,
  `<sip:%2B914412345678@pbx.example>`,
  `<sip:+91-44-1234-5678@pbx.example>`,
  `<sip:04412345678@pbx.example>`,
  `<sip:00914412345678@pbx.example>`,
  `sip:${NUMBER}@pbx.example`,
];

/** Forms that only contain it. */
const OTHERS = [
  `"${NUMBER}" <sip:+914400000000@pbx.example>`,
  `"sip:${NUMBER}@x" <sip:+914400000000@pbx.example>`,
  `<sip:+914400000000@pbx.example;x=${NUMBER}>`,
  `<sip:+914400000000;rn=${NUMBER}@pbx.example>`,
  `<sip:+914400000000@${NUMBER.slice(1)}.example>`,
  `<sip:9144${'1234'}@5678.example>`,
];

describe('the number in To', () => {
  it.each(FORMS)('is ours as %s', async form => {
    expect(await call('to', 'acct', { To: form })).toBe(486);
  });

  it.each(OTHERS)('is another as %s', async form => {
    expect(await call('to', 'acct', { To: form })).toBe(404);
  });
});

describe('the number in P-Called-Party-ID', () => {
  it.each(FORMS)('is ours as %s', async form => {
    expect(await call('called', 'acct', { 'P-Called-Party-ID': form })).toBe(486);
  });

  it.each(OTHERS)('is another as %s', async form => {
    expect(await call('called', 'acct', { 'P-Called-Party-ID': form })).toBe(404);
  });

  it('is none without the header', async () => {
    expect(await call('called', NUMBER)).toBe(404);
  });
});

describe('the number in the request URI', () => {
  it.each([
    NUMBER,
    '914412345678',
    '04412345678',
    '00914412345678',
    `${NUMBER};npdi;rn=+914400000001`,
    `${NUMBER};phone-context=+91`,
    `${NUMBER};ext=12`,
    '%2B914412345678',
    '+91-44-1234-5678',
  ])('is ours as %s', async user => {
    expect(await call('uri', user, { To: '<sip:acct@pbx.example>' })).toBe(486);
  });

  it.each(['+914400000000', `+914400000000;rn=${NUMBER}`, `x${NUMBER}`, `acct`])('is another as %s', async user => {
    expect(await call('uri', user, { To: `<sip:${NUMBER}@pbx.example>` })).toBe(404);
  });
});

describe('a trunk that does not say where', () => {
  it('finds it in the request URI, then in To, then in P-Called-Party-ID', async () => {
    const other = '<sip:acct@pbx.example>';
    expect(await call('any', NUMBER, { To: other })).toBe(486);
    expect(await call('any', 'acct', { To: `"Hotel: front" <sip:${NUMBER}@pbx.example>` })).toBe(486);
    expect(await call('any', 'acct', { To: other, 'P-Called-Party-ID': `<tel:${NUMBER}>` })).toBe(486);
    expect(await call('any', 'acct', { To: other })).toBe(404);
  });
});

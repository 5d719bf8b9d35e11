import fc from 'fast-check';

/**
 * What somebody may write into SIP where a number, an address or a redirect is read: a grammar, as arbitraries of
 * fast-check, so that what breaks something is made small. A case is data; addresses stand in it by name (`{pbx}`,
 * `{phone}`, `{carrier}`), so that it means the same in the next run.
 */
type Who = 'phone' | 'trunk' | 'outsider';

export interface Request {
  readonly kind: 'request';
  readonly who: Who;
  readonly method: string;
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sdp: string;
}

export interface Registration {
  readonly kind: 'register';
  readonly who: 'phone' | 'outsider';
  /** Whose address of record, by user. */
  readonly of: string;
  readonly contacts: readonly string[];
}

/** Called, somebody answers that the call should go elsewhere. */
export interface Redirect {
  readonly kind: 'redirect';
  readonly who: 'phone' | 'trunk';
  /** Who calls the phone: somebody inside, or somebody outside. */
  readonly caller: 'inside' | 'outside';
  readonly code: number;
  readonly contacts: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** In a call of her own, somebody asks to send the other side elsewhere. */
export interface Transfer {
  readonly kind: 'transfer';
  readonly who: 'phone' | 'trunk';
  readonly referTo: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Case = Request | Registration | Redirect | Transfer;

export const WORLD = '00442079460000';
export const OFFERS = {
  usual: 'm=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000',
  none: '',
  held: 'm=audio 40000 RTP/AVP 8\r\na=inactive',
  refused: 'm=audio 0 RTP/AVP 8',
  fax: 'm=image 40002 udptl t38\r\na=T38FaxVersion:0',
  both: 'm=audio 40000 RTP/AVP 8\r\nm=image 40002 udptl t38',
  twice: 'm=audio 40000 RTP/AVP 8\r\nm=audio 40004 RTP/AVP 0',
  film: 'm=video 40006 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=audio 40000 RTP/AVP 8',
  unknown: 'm=audio 40000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2',
  secret: 'm=audio 40000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x',
  long: `m=audio 40000 RTP/AVP 8\r\n${Array.from({ length: 60 }, (_, i) => `a=x${i}:${'y'.repeat(20)}`).join('\r\n')}`,
} as const;

const NUMBERS = [
  ...['1001', '1002', '1003', '1004', '112', '911', '100', '101', '102', '108', '1', '0', ''],
  ...[WORLD, '+442079460000', '0442079460000', '+919811112222', '04422334455', '9811112222', '44442079460000'],
  ...['+914412345678', '914412345678', '04412345678', '4412345678', '00914412345679', '914412345679'],
  ...['*97', '*98', '*8', '*', '#', 's', 'h', 'i', 't', 'o', 'e', 'a', 'x', 'unknown'],
  ...['john', 'jane', 'zoe.reception', 'Zoe.Reception', 'acme_1002', 'acme_t-raw', 'rf-probe', 'to-number', 'send'],
];
const BEFORE = [
  ...['x', 'room', 'Local/', 'Local%2F', 'PJSIP/', 'a&Local/', 'a%26Local%2F', '1%26', '1,', '%2C', ',', '%22', "'"],
  ...['%24%7B', '$[', '(', '%28', '%2B', '+', '00', '0', '00044', '%00', '%0D%0A', '%20', '&', '%', '%2', '_', '!'],
];
const BEHIND = [
  ...[';ext=12', ';phone-context=+44', ';npdi;rn=+44', ';a&Local/1@send', '%3Bext=12', '%3B', ';', ':secret'],
  ...['%40to-number', '%40send', '%40emergency-next', '%40to-emergency', '%40transferred', '%40acme_t-raw'],
  ...['%2C1', ',1', ',60,G(send)', '%7D', '}', '%00', '%0A', '#', '%23', '*', 'x', 'e1', '(0)', '!', '%5E1'],
];
const BETWEEN = ['-', '.', '(', ')', '/', '%20', '%2D', '(0)', '%00', '+', '%09'];
const PARAMETERS = [
  ...[';transport=udp', ';transport=UDP', ';user=phone', ';lr', ';ob', ';method=BYE', ';method=INVITE', ';line=x'],
  ...[`;x=a&Local/${WORLD}@to-number`, ';x=%26Local%2F1', ';x=%00', ';x', ';ttl=1', ';gr', ';phone-context=+44'],
  ...[';maddr=127.0.0.1'],
];
const HOSTS = ['{pbx}', '{pbx}', '{pbx}', '{carrier}', '{phone}', 'acme.example', '127.0.0.1', '[::1]', 'to-number'];
/** Where a phone may say that it is: no names, since Asterisk would look them up. */
const PLACES = ['{phone}', '{phone}', '{phone}', '{pbx}'];
const NAMES = ['', '', '', '"Jane Roe" ', '"1002" ', '"a\\"b" ', '"<sip:112@x>" ', '"x;y,z" ', 'bare '];

const often = <T>(usual: T, rest: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rest });

const at = (text: string, where: number): number => where % (text.length + 1);

const user: fc.Arbitrary<string> = fc
  .record({
    number: fc.constantFrom(...NUMBERS),
    form: fc.constantFrom('plain', 'plain', 'plain', 'before', 'behind', 'around', 'between', 'escaped', 'doubled'),
    before: fc.constantFrom(...BEFORE),
    behind: fc.constantFrom(...BEHIND),
    between: fc.constantFrom(...BETWEEN),
    where: fc.nat(20),
  })
  .map(({ number, form, before, behind, between, where }) => {
    const cut = at(number, where);
    const sign = number.charCodeAt(cut);
    switch (form) {
      case 'before':
        return `${before}${number}`;
      case 'behind':
        return `${number}${behind}`;
      case 'around':
        return `${before}${number}${behind}`;
      case 'between':
        return `${number.slice(0, cut)}${between}${number.slice(cut)}`;
      case 'escaped':
        return Number.isNaN(sign) ? number : `${number.slice(0, cut)}%${sign.toString(16)}${number.slice(cut + 1)}`;
      case 'doubled':
        return number.repeat(12);
      default:
        return number;
    }
  });

function uri(hosts: readonly string[], schemes: readonly string[]): fc.Arbitrary<string> {
  return fc
    .record({
      scheme: often('sip', fc.constantFrom(...schemes)),
      user,
      host: fc.constantFrom(...hosts),
      parameter: often('', fc.constantFrom(...PARAMETERS)),
      header: often('', often('', fc.constantFrom('?X=1', `?Replaces=x`, '?Route=%3Csip:{carrier}%3E'))),
    })
    .map(parts => {
      if (parts.scheme === 'tel') return `tel:${parts.user}`;
      const before = parts.user === '' ? '' : `${parts.user}@`;
      return `${parts.scheme}:${before}${parts.host}${parts.parameter}${parts.header}`;
    });
}

const target = uri(HOSTS, ['sip', 'SIP', 'sips', 'tel', 'http']);
const place = uri(PLACES, ['sip', 'SIP', 'sips', 'tel']);

function address(inside: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .record({
      name: fc.constantFrom(...NAMES),
      uri: inside,
      more: often('', fc.constantFrom(';q=0.5', ';x="<sip:1>"')),
    })
    .map(parts => `${parts.name}<${parts.uri}>${parts.more}`);
}

const contacts = (inside: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.tuple(address(inside)) },
    { weight: 1, arbitrary: fc.array(address(inside), { minLength: 2, maxLength: 3 }) },
  );

/** Headers that tell who calls, who was called before, or which way: none may lead a call anywhere. */
const headers: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom('Diversion', 'History-Info', 'Referred-By', 'P-Asserted-Identity', 'Remote-Party-ID', 'Record-Route'),
  address(target),
  { maxKeys: 2 },
);
const oddities: fc.Arbitrary<Record<string, string>> = fc.constantFrom<Record<string, string>>(
  {},
  {},
  {},
  {},
  { Route: '<sip:{carrier};lr>' },
  { Require: '100rel' },
  { Require: 'x' },
  { 'Max-Forwards': '0' },
  { Privacy: 'id' },
  { Supported: 'replaces,100rel,timer,norefersub' },
  { 'Session-Expires': '90;refresher=uac' },
  { 'P-Called-Party-ID': '<sip:+914412345678@x>' },
  { 'P-Called-Party-ID': '<sip:1002@x>' },
  { 'P-Called-Party-ID': `<tel:${WORLD}>` },
);
const METHODS = [
  ...['MESSAGE', 'REFER', 'NOTIFY', 'PUBLISH', 'INFO', 'UPDATE', 'SUBSCRIBE', 'BYE', 'CANCEL', 'PRACK', 'OPTIONS', 'X'],
];

const request: fc.Arbitrary<Request> = fc
  .record({
    who: fc.constantFrom<Who>('phone', 'phone', 'trunk', 'trunk', 'outsider'),
    method: often('INVITE', fc.constantFrom(...METHODS)),
    uri: target,
    from: often('', address(target)),
    to: often('', address(target)),
    headers,
    oddity: oddities,
    contact: often('', address(place)),
    sdp: often('usual', fc.constantFrom(...Object.keys(OFFERS))),
    referTo: address(target),
  })
  .map(({ oddity, contact, headers: some, referTo, ...parts }) => ({
    kind: 'request',
    ...parts,
    headers: {
      ...some,
      ...oddity,
      ...(contact && { Contact: contact }),
      ...(parts.method === 'REFER' && { 'Refer-To': referTo }),
      ...(parts.method === 'SUBSCRIBE' && { Event: 'dialog', Expires: '60' }),
    },
  }));

const registration: fc.Arbitrary<Registration> = fc.record({
  kind: fc.constant('register'),
  who: fc.constantFrom('phone', 'phone', 'phone', 'outsider'),
  of: fc.constantFrom('zoe', 'zoe', 'zoe', 'john'),
  contacts: contacts(place),
});

const redirect: fc.Arbitrary<Redirect> = fc.record({
  kind: fc.constant('redirect'),
  who: fc.constantFrom('phone', 'phone', 'phone', 'trunk'),
  caller: fc.constantFrom('inside', 'outside'),
  code: fc.constantFrom(302, 302, 302, 300, 301, 305, 380, 399),
  contacts: contacts(target),
  headers,
});

const REPLACES = ['', '', '', '?Replaces=x%3Bto-tag%3Dy%3Bfrom-tag%3Dz', '?Replaces={call}', '?Replaces=', '?X=1'];

const transfer: fc.Arbitrary<Transfer> = fc
  .record({
    who: fc.constantFrom<'phone' | 'trunk'>('phone', 'phone', 'trunk'),
    name: fc.constantFrom(...NAMES),
    uri: target,
    replaces: fc.constantFrom(...REPLACES),
    headers,
  })
  .map(({ name, uri: where, replaces, ...parts }) => ({
    kind: 'transfer',
    ...parts,
    referTo: `${name}<${where}${where.includes('?') ? '' : replaces}>`,
  }));

export const anything: fc.Arbitrary<Case> = fc.oneof(
  { weight: 4, arbitrary: request },
  { weight: 2, arbitrary: redirect },
  { weight: 2, arbitrary: registration },
  { weight: 2, arbitrary: transfer },
);

/** The user parts of all addresses in a text, as they are meant: without escapes, password and parameters, up to a NUL. */
export function users(text: string): string[] {
  const found = [...text.matchAll(/(?:sips?:([^@:<>]*)(?::[^@<>]*)?@|tel:([^<>?]*))/gi)];
  return found.map(([, sip = '', tel = '']) => /^[^;\0]*/.exec(decode(sip || tel))?.[0] ?? '');
}

function decode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The number that somebody means who writes it so, without the signs that people set between; none of another text. */
export function numberIn(written: string): string | undefined {
  const whole = written.startsWith('+') ? written.replaceAll('(0)', '') : written;
  return /^[+]?[0-9*#() ./-]+$/.test(whole) ? whole.replace(/[() ./-]/g, '') : undefined;
}

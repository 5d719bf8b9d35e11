import { createRequire } from 'node:module';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberContexts } from '../../src/core/asterisk/numbering.ts';
import { TEXT } from '../../src/core/dialplan/text.gen.ts';
import { COUNTRIES, type NumberingPlan, numberingPlan } from '../../src/core/numbering/plan.ts';
import { until } from '../../src/runtime/clock.ts';
import { BareAsterisk } from './facts/bare-asterisk.ts';
import { freePorts } from './ports.ts';

/**
 * Every country's way to dial, asked of the real Asterisk: the engine's own text, once per country beside the contexts
 * of that country, in one Asterisk that runs all cases in one call. The library says what each number is.
 */
const PORT = await freePorts();
const SEED = 22_11;
const require = createRequire(import.meta.url);
const MOBILES = require('libphonenumber-js/examples.mobile.json') as Record<string, string>;

interface Case {
  readonly country: string;
  readonly dialled: string;
  readonly area?: string;
}

/** E.164 or a service number, and its class; both empty when refused. */
interface Answer {
  readonly number: string;
  readonly kind: string;
}

const asked: Case[] = [];
const answers = new Map<string, Answer>();
let asterisk: BareAsterisk;

function plan(country: string): NumberingPlan {
  const found = numberingPlan(country);
  if (!found) throw new Error(`No plan of ${country}`);
  return found;
}

const keyOf = ({ country, dialled, area = '' }: Case): string => `${country} ${dialled} ${area}`;

/** To be asked before Asterisk starts. */
function ask(one: Case): Case {
  asked.push(one);
  return one;
}

function answer(one: Case): Answer {
  const found = answers.get(keyOf(one));
  if (!found) throw new Error(`${keyOf(one)} was not asked`);
  return found;
}

/** Some number that a pattern of whole numbers or a beginning stands for. */
function numberOf(pattern: string, choose: (count: number) => number): string {
  return pattern.replaceAll(/\[([^\]]*)\]|[XZN]/g, (sign, set: string | undefined) => {
    const from = set ?? { X: '0-9', Z: '1-9', N: '2-9' }[sign] ?? '';
    const digits = from.replaceAll(/(\d)-(\d)/g, (_, a: string, b: string) =>
      '0123456789'.slice(Number(a), Number(b) + 1),
    );
    return digits[choose(digits.length)] ?? '';
  });
}

/** How many results stand in one variable: its length has a limit. */
const TOGETHER = 40;

function resultOf(country: string, at: number): string {
  return `R_${country}_${Math.floor(at / TOGETHER)}`;
}

function dialplan(): string {
  const countries = [...new Set(asked.map(({ country }) => country))];
  const own = (country: string, text: string): string => text.replaceAll(/\b(rf|number)-(?=[a-z])/g, `${country}-$1-`);
  const parts = countries.map((country, place) => {
    const known = numberingPlan(country);
    const cases = asked.filter(one => one.country === country);
    const lines = cases.map(
      ({ dialled, area = '' }, at) => ` same => n,Set(U_AREA=${area})
 same => n,Gosub(${country}-number-dialled,s,1(${dialled}))
 same => n,Set(GLOBAL(${resultOf(country, at)})=\${${resultOf(country, at)}} \${RF_DIALLED}:\${RF_CLASS})`,
    );
    return `${own(country, numberContexts(known))}${own(country, TEXT.numbers)}
[run-${country}]
exten => s,1,Set(RF_COUNTRY_CODE=${known?.callingCode ?? ''})
 same => n,Set(RF_NATIONAL_PREFIX=${known?.nationalPrefix ?? ''})
${lines.join('\n')}
 same => n,Goto(run-${countries[place + 1] ?? 'none'},s,1)
`;
  });
  return `[general]\nstatic=yes\n[globals]\nDONE=0\n[run-none]\nexten => s,1,Set(GLOBAL(DONE)=1)\n${parts.join('')}`;
}

async function run(): Promise<void> {
  asterisk = await BareAsterisk.start(PORT, { 'extensions.conf': dialplan() });
  const byCountry = Map.groupBy(asked, ({ country }) => country);
  const [first = ''] = byCountry.keys();
  const call = { Channel: `Local/s@run-${first}/n`, Application: 'Wait', Data: '60', Async: 'true' };
  await asterisk.client.action('Events', { EventMask: 'off' }); // each step of the dialplan would be one
  await asterisk.client.action('Originate', call);
  await until('all to be dialled', async () => (await asterisk.value('DONE')) === '1' || undefined, {
    deadlineMs: 45_000,
    everyMs: 100,
  });
  for (const [country, cases] of byCountry) {
    const said: string[] = [];
    for (let at = 0; at < cases.length; at += TOGETHER)
      said.push(...(await asterisk.value(resultOf(country, at))).trim().split(' '));
    expect(said.length).toBe(cases.length);
    cases.forEach((one, at) => {
      const [number = '', kind = ''] = (said[at] ?? '').split(':');
      answers.set(keyOf(one), { number, kind });
    });
  }
}

const random = fc.sample(fc.nat(1_000_000), { seed: SEED, numRuns: 20_000 });
let next = 0;
const choose = (count: number): number => (random[next++ % random.length] ?? 0) % count;

/** The mobile number that the library gives as example, as it is dialled at home. */
const mobiles = Object.entries(MOBILES).map(([country, national]) => {
  const { nationalPrefix, callingCode } = plan(country);
  return { number: `+${callingCode}${national}`, one: ask({ country, dialled: `${nationalPrefix}${national}` }) };
});
/** Numbers of all kinds, as the library writes them for people of the country. */
const written = COUNTRIES.flatMap(country =>
  Array.from({ length: 60 }, () => plan(country).valid)
    .flatMap(valid => {
      const national = numberOf(valid[choose(valid.length)] ?? '', choose);
      const parsed = parsePhoneNumberFromString(`+${plan(country).callingCode}${national}`);
      if (!parsed?.isValid() || parsed.country !== country) return [];
      const dialled = parsed.formatNational().replaceAll(/\D/g, '');
      // some it does not read as it writes them: old numbers in Gabon
      if (parsePhoneNumberFromString(dialled, parsed.country)?.number !== parsed.number) return [];
      const whole = { country, dialled: `${plan(country).nationalPrefix}${parsed.nationalNumber}` };
      return [{ number: parsed.number, type: parsed.getType(), one: { country, dialled }, whole }];
    })
    .slice(0, 8),
);
for (const { one, whole } of written) for (const each of [one, whole]) ask(each);
/** A phone in London, one in New York and one in Delhi, by each international prefix of each country. */
const ABROAD = ['442079460123', '12125550123', '911123456789'];
const abroad = COUNTRIES.flatMap(country =>
  plan(country).internationalPrefixes.flatMap(prefix =>
    ABROAD.map(number => ({ number, one: ask({ country, dialled: `${numberOf(prefix, choose)}${number}` }) })),
  ),
);
const usual = COUNTRIES.map(country => ({
  one: ask({ country, dialled: `${plan(country).internationalPrefix}3223456789` }),
}));
/** What fingers do. */
const anything = COUNTRIES.flatMap(country =>
  Array.from({ length: 12 }, () => {
    const start = ['', plan(country).nationalPrefix, '0', '00', '001', '011'][choose(6)] ?? '';
    const rest = Array.from({ length: 3 + choose(10) }, () => choose(10)).join('');
    return ask({ country, dialled: `${start}${rest}` });
  }),
);
const services = COUNTRIES.flatMap(country =>
  [...plan(country).service].map(([pattern, price]) => ({
    price,
    one: ask({ country, dialled: numberOf(pattern, choose) }),
  })),
);

const TABLE: readonly (readonly [
  what: string,
  country: string,
  dialled: string,
  number: string,
  kind: string,
  area?: string,
])[] = [
  ['Australia’s prefix', 'AU', '0011442079460000', '+442079460000', 'W'],
  ['Indonesia’s', 'ID', '00844123456789', '+44123456789', 'W'],
  ['Korea’s longest', 'KR', '00700442079460000', '+442079460000', 'W'],
  ['Taiwan’s', 'TW', '002442079460000', '+442079460000', 'W'],
  ['Singapore’s', 'SG', '001442079460000', '+442079460000', 'W'],
  ['Thailand’s', 'TH', '001442079460000', '+442079460000', 'W'],
  ['Hong Kong’s', 'HK', '001442079460000', '+442079460000', 'W'],
  ['a carrier’s in Brazil', 'BR', '0021442079460000', '+442079460000', 'W'],
  ['a carrier’s in Israel', 'IL', '012442079460000', '+442079460000', 'W'],
  ['Uganda’s', 'UG', '000442079460000', '+442079460000', 'W'],
  ['a short cut to a neighbour, which is none of ours', 'UG', '005712345678', '', ''],
  ['00 in Australia', 'AU', '00442079460000', '', ''],
  ['00 in Hong Kong', 'HK', '00442079460000', '', ''],
  ['00 in Korea', 'KR', '00442079460000', '', ''],
  ['00 in Brazil', 'BR', '00442079460000', '', ''],
  ['00 in North America', 'US', '00442079460000', '', ''],
  ['a mobile with the trunk prefix', 'IN', '09876543210', '+919876543210', 'N'],
  ['a mobile without', 'IN', '9876543210', '+919876543210', 'N'],
  ['a mobile with the calling code only', 'IN', '919876543210', '', ''],
  ['a subscriber of the area', 'IN', '23456789', '+914423456789', 'N', '44'],
  ['a subscriber without an area', 'IN', '23456789', '', ''],
  ['ten digits in America', 'US', '2125551234', '+12125551234', 'N'],
  ['eleven', 'US', '12125551234', '+12125551234', 'N'],
  ['seven', 'US', '5551234', '+12125551234', 'N', '212'],
  ['seven without an area', 'US', '5551234', '', ''],
  ['Toronto', 'US', '14165551234', '+14165551234', 'W'],
  ['Jamaica', 'US', '18765551234', '+18765551234', 'W'],
  ['Jamaica by another area code', 'US', '16585551234', '+16585551234', 'W'],
  ['the Bahamas, written whole', 'US', '+12425551234', '+12425551234', 'W'],
  ['a free number', 'US', '18005551234', '+18005551234', 'N'],
  ['a premium number', 'US', '19005551234', '+19005551234', 'P'],
  ['a premium number of the world', 'US', '011979123456789', '+979123456789', 'P'],
  ['New York', 'CA', '12125551234', '+12125551234', 'W'],
  ['an island’s own', 'JM', '18765551234', '+18765551234', 'N'],
  ['seven digits on an island', 'BM', '2951234', '+14412951234', 'N'],
  ['a subscriber in Berlin', 'DE', '2345678', '+49302345678', 'N', '30'],
  ['Berlin from elsewhere', 'DE', '0302345678', '+49302345678', 'N', '89'],
  ['Munich without the prefix, which is a subscriber', 'DE', '892345678', '', ''],
  ['a subscriber in London', 'GB', '79460000', '+442079460000', 'N', '20'],
  ['Jersey', 'GB', '01534123456', '+441534123456', 'W'],
  ['Kazakhstan', 'RU', '87012345678', '+77012345678', 'W'],
  ['Moscow', 'RU', '84951234567', '+74951234567', 'N'],
  ['Moscow, from Almaty', 'KZ', '84951234567', '+74951234567', 'W'],
  ['Rome keeps its 0', 'IT', '0612345678', '+390612345678', 'N'],
  ['the Vatican', 'IT', '0669812345', '+390669812345', 'W'],
  ['Rome by its calling code', 'GB', '+390612345678', '+390612345678', 'W'],
  ['(0) that came along', 'DE', '+4402079460000', '+442079460000', 'W'],
  ['(0) behind the prefix', 'DE', '004402079460000', '+442079460000', 'W'],
  ['(0) at home', 'DE', '+490302345678', '+49302345678', 'N'],
  ['(06) in Hungary', 'HU', '+360612345678', '+3612345678', 'N'],
  ['an Argentinian mobile', 'AR', '0111523456789', '+5491123456789', 'N'],
  ['a carrier in Colombia', 'CO', '033001234567', '+573001234567', 'N'],
  ['New York from an island', 'AG', '12125551234', '+12125551234', 'W'],
  ['a free number that is none elsewhere', 'IN', '0008001234567', '0008001234567', 'S'],
  ['a subscriber in Canada', 'CA', '3551234', '+14163551234', 'N', '416'],
  ['Jersey from Jersey', 'JE', '01534123456', '+441534123456', 'N'],
  ['London from Jersey', 'JE', '02079460000', '+442079460000', 'W'],
  ['a subscriber in Jersey', 'JE', '723456', '+441534723456', 'N'],
  ['a mobile in Colombia', 'CO', '3001234567', '+573001234567', 'N'],
  ['a carrier in Brazil', 'BR', '0211123456789', '+551123456789', 'N'],
  ['a Hungarian', 'HU', '0612345678', '+3612345678', 'N'],
  ['a Spaniard', 'ES', '912345678', '+34912345678', 'N'],
  ['a premium Spaniard', 'ES', '806123456', '+34806123456', 'P'],
  ['a helpline', 'US', '988', '988', 'S'],
  ['paid information', 'US', '411', '411', 'P'],
  ['police', 'GB', '101', '101', 'S'],
  ['a directory', 'GB', '118118', '118118', 'P'],
  ['authorities', 'DE', '115', '115', 'S'],
  ['doctors', 'DE', '116117', '116117', 'S'],
  ['a directory', 'DE', '11833', '11833', 'P'],
  ['the post', 'FR', '3631', '3631', 'S'],
  ['a service that may cost more', 'FR', '3201', '3201', 'P'],
  ['children', 'IN', '1098', '1098', 'S'],
  ['cyber crime', 'IN', '1930', '1930', 'S'],
  ['six digits', 'AU', '131450', '131450', 'S'],
  ['1300', 'AU', '1300123456', '1300123456', 'S'],
  ['1800', 'AU', '1800123456', '1800123456', 'S'],
  ['no number', 'IN', '0', '', ''],
  ['a plus', 'IN', '+', '', ''],
  ['a plus and 0', 'IN', '+0123456789', '', ''],
  ['seventeen digits', 'IN', '+12345678901234567', '', ''],
  ['a star in the middle', 'IN', '00442079*460000', '', ''],
  ['a plus in the middle', 'IN', '0044+2079460000', '', ''],
  ['anything where there is no country', 'ZZ', '00442079460000', '', ''],
  ['a whole number where there is no country', 'ZZ', '+442079460000', '+442079460000', 'W'],
  ['a neighbour where there is no country', 'ZZ', '+18765551234', '+18765551234', 'W'],
  ['a short one where there is no country', 'ZZ', '411', '', ''],
];
for (const [, country, dialled, , , area = ''] of TABLE) ask({ country, dialled, area });

beforeAll(run);

afterAll(async () => {
  await asterisk?.remove();
});

describe('dialled', () => {
  const cases = TABLE.map(([what, country, dialled, number, kind, area = '']) => ({
    what,
    country,
    dialled,
    number,
    kind,
    area,
  }));
  it.each(cases)('$what ($country): $dialled is $number $kind', ({ country, dialled, area, number, kind }) => {
    expect(answer({ country, dialled, area })).toEqual({ number, kind });
  });
});

it('a mobile of every country is reached from that country, and is no call abroad', () => {
  const wrong = mobiles.filter(({ number, one }) => answer(one).number !== number || answer(one).kind === 'W');

  expect(wrong.map(({ number, one }) => ({ wanted: number, ...one, ...answer(one) }))).toEqual([]);
  expect(mobiles.length).toBeGreaterThan(230);
});

it('what people of a country dial for a number of it is that number, or leaves as dialled', () => {
  const heard = written.map(({ number, type, one, whole }) => ({
    ...one,
    wanted: number,
    type,
    whole: answer(whole).number,
    ...answer(one),
  }));
  const wrong = heard.filter(one => one.number !== '' && one.number !== one.wanted && one.number !== one.dialled);
  // a few are written without the trunk prefix for want of a form, and are reached with it
  const refused = heard.filter(({ number, whole, wanted }) => number === '' && whole !== wanted);
  const few = heard.filter(({ number }) => number === '').length;

  expect(wrong).toEqual([]);
  expect(heard.filter(({ kind }) => kind === 'W')).toEqual([]);
  expect(refused).toEqual([]);
  expect(few).toBeLessThan(heard.length / 100);
  expect(heard.length).toBeGreaterThan(1_500);
});

it('premium numbers of a country are of the class of premium numbers', () => {
  const premium = written.filter(({ type }) => type === 'PREMIUM_RATE').map(({ one }) => ({ ...one, ...answer(one) }));

  expect(premium.filter(({ kind }) => kind !== 'P')).toEqual([]);
  expect(premium.length).toBeGreaterThan(20);
});

it('each international prefix of each country leads to the number behind it', () => {
  const wrong = abroad.filter(({ number, one }) => answer(one).number !== `+${number}`);

  expect(wrong.map(({ number, one }) => ({ wanted: number, ...one, ...answer(one) }))).toEqual([]);
});

it('the prefix that a user’s status shows is one that works', () => {
  expect(usual.filter(({ one }) => answer(one).number !== '+3223456789')).toEqual([]);
});

it('whatever is dialled is what the library reads in it, or as dialled, or refused', () => {
  const wrong = anything.filter(one => {
    const { number } = answer(one);
    if (number === '' || number === one.dialled) return false;
    const read = parsePhoneNumberFromString(one.dialled, one.country as never);
    return read?.isValid() && read.number !== number;
  });

  expect(wrong.map(one => ({ ...one, ...answer(one) }))).toEqual([]);
});

it('service numbers leave as dialled, and those that cost more are premium', () => {
  const wrong = services.filter(({ one }) => answer(one).number !== one.dialled);
  const cheap = services.filter(({ price, one }) => price === 'Premium' && answer(one).kind !== 'P');

  expect(wrong.map(({ one }) => ({ ...one, ...answer(one) }))).toEqual([]);
  // a free number within a range that costs more is free
  expect(cheap.filter(({ one }) => answer(one).kind !== 'S')).toEqual([]);
});

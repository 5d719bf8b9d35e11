import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beginning, divide, mayStart, merged, patternOf, type Sequence, sequences } from './digit-patterns.ts';

/**
 * The numbering plans of all countries as patterns of Asterisk, from the metadata of libphonenumber: long numbers from
 * libphonenumber-js (`max`), short ones from google-libphonenumber, which alone has them. `npm run generate` writes them
 * to src/core/numbering/plans.gen.ts, so that nothing of the libraries runs in the operator.
 */
const require = createRequire(import.meta.url);

/** Of libphonenumber-js, version 4 of its format (source/metadata.js there): arrays, to save room. */
interface Metadata {
  readonly countries: Readonly<Record<string, Country>>;
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>;
}
type Digits = Sequence['digits'];
type Country = readonly unknown[] & {
  0: string; // calling code
  1: string; // international prefixes
  2: string; // all national numbers
  3: readonly number[]; // their lengths
  4?: readonly (readonly unknown[])[] | 0; // formats, of the main country of a calling code
  5?: string | 0; // trunk prefix
  6?: string | 0; // how it is written
  7?: string | 0; // trunk prefix and carrier codes as dialled
  8?: string | 0; // what they become
  9?: 1 | 0; // whether the trunk prefix may be left out
  10?: string | 0; // beginnings that are this country's
  11?: readonly ([string] | 0)[] | 0; // by type of number
  12?: string | 0; // the preferred international prefix
};
const PREMIUM = 3;

/**
 * International prefixes that replace the library's pattern, where that is ambiguous or has prefixes that do not lead to all
 * countries. HK: 00 alone is no prefix (ofca.gov.hk: 001, 002 …). BO: 0010 to 0019 select a carrier, so 001… would be
 * ambiguous with a call to North America. TZ, UG: 005 to 007 lead to neighbour countries, without a calling code. ID: 001
 * and 007 are of Indosat and Telkom (ITU, national numbering plan +62).
 */
const PREFIXES: Readonly<Record<string, string>> = {
  BO: '00[2-9]|0010|0011',
  HK: '00(?:30|5[09]|[126-9])',
  ID: '00[1789]',
  TZ: '000',
  UG: '000',
};
/** The usual international prefix where carriers have prefixes of their own. It is shown to users and sent to carriers. */
const PREFERRED: Readonly<Record<string, string>> = {
  BR: '0021',
  CL: '00',
  CO: '009',
  BO: '0010',
  HK: '001',
  ID: '001',
  IL: '00',
  KH: '001',
  KP: '00',
  KR: '001',
  PW: '011',
  SB: '00',
  SG: '001',
  TH: '001',
  TW: '002',
};
/** Prefixes that do not belong to the number, such as those for hiding the caller's number, a text relay or a collect call. */
const NO_TRUNK = /^(183|180020|90|003768|1001|10|15|19)/;

const phones = require('libphonenumber-js/metadata.max.json') as Metadata;

/** The text of plans.gen.ts. */
export function numberingPlans(): string {
  const rows = Object.keys(phones.countries).sort().map(rowOf);
  return `// Made by \`npm run generate\` (src/tools/numbering.ts) from the metadata of libphonenumber (Apache-2.0). Do not edit.
/** The line of a country; src/core/numbering/plan.ts describes its fields. */
export const PLANS = \`
${rows.join('\n')}
\`;

/** Calling codes by their length, each with its trunk prefix if no number of it begins with that. */
export const TRUNK_AFTER_CODE = '${trunkAfterCode().join(' ')}';
`;
}

function rowOf(name: string): string {
  const country = of(name);
  // all countries with the same calling code are dialled alike: the trunk prefix of an island leads to all of North America
  const members = phones.country_calling_codes[country[0]] ?? [name];
  const lengths = new Set(generalOf(country).map(({ length }) => length));
  const valid = merged(members.flatMap(member => generalOf(of(member))).filter(({ length }) => lengths.has(length)));
  const { home, abroad, premium } = classes(name);
  const { free, paid } = shortNumbers(name);
  return [
    name,
    country[0],
    trunkOf(country),
    preferredPrefix(name),
    texts(sequences(PREFIXES[name] ?? country[1].replaceAll('~', '')).map(({ digits }) => digits)),
    texts(valid),
    bareOf(name, valid),
    specials(country).join(' '),
    premium,
    home,
    abroad,
    free,
    paid,
  ].join('|');
}

function of(name: string): Country {
  const country = phones.countries[name];
  if (!country) throw new TypeError(`No country ${name}`);
  return country;
}

function trunkOf(country: Country): string {
  return country[5] || '';
}

function texts(all: readonly Digits[]): string {
  return merged(all).map(patternOf).sort().join(' ');
}

/** Free numbers such as 000800… in India, which begin with an international prefix and are not foreign numbers. */
function isOnlyHere(digits: Digits): boolean {
  return digits[0] === ZERO && digits[1] === ZERO;
}
const ZERO = 1;

/** All national numbers, as the possible digits at each position. */
function generalOf(country: Country): readonly Digits[] {
  // seven digits in North America are a subscriber's; Canada's 310 is in service-numbers.ts
  const lengths = new Set(country[0] === '1' ? [10] : country[3]);
  const longest = 15 - country[0].length; // E.164
  return merged(
    sequences(country[2])
      .map(({ digits }) => digits)
      .filter(digits => lengths.has(digits.length) && digits.length <= longest && !isOnlyHere(digits)),
  );
}

function preferredPrefix(name: string): string {
  const country = of(name);
  const one =
    PREFERRED[name] ?? (country[12] || undefined)?.replace('~', '') ?? PREFIXES[name] ?? country[1].replace('~', '');
  if (!/^[0-9]+$/.test(one)) throw new TypeError(`${name}: which of ${one} is the usual international prefix?`);
  return one;
}

/** National numbers that are dialled without a trunk prefix: `=` for all. */
function bareOf(name: string, valid: readonly Digits[]): string {
  const country = of(name);
  const trunk = trunkOf(country);
  if (trunk === '') return '=';
  const main = of(phones.country_calling_codes[country[0]]?.[0] ?? name);
  const formats = country[4] || main[4] || [];
  const withTrunk = (rule: unknown): boolean => String(rule || country[6] || '').includes(trunk);
  const bare = formats.filter(([, , , rule, optional]) => !withTrunk(rule) || optional || country[9]);
  if (bare.length === formats.length) return '=';
  const found = bare.flatMap(([pattern, , leading]) => {
    const starts = sequences(String((leading as string[] | undefined)?.at(-1) ?? ''));
    const wholes = sequences(String(pattern).replaceAll(/[()]/g, ''));
    return wholes.flatMap(({ digits }) => starts.map(start => overlaid(digits, start.digits)));
  });
  const possible = found.flatMap(digits => valid.map(one => both(digits, one)).filter(one => one !== undefined));
  return texts(possible);
}

function overlaid(digits: Digits, start: Digits): Digits {
  return digits.map((set, at) => set & (start[at] ?? set));
}

/** The intersection of two sequences; undefined if it is empty. */
function both(a: Digits, b: Digits): Digits | undefined {
  if (a.length !== b.length) return undefined;
  const common = a.map((set, at) => set & (b[at] ?? 0));
  return common.includes(0) ? undefined : common;
}

/**
 * Other ways to dial a national number, `<pattern>:<what it becomes>`: with a carrier's code, or by the rule of the
 * country (an Argentinian mobile, seven digits on an island). It becomes digits of its own and parts of what was
 * dialled, joined by `+`: `=9`, `<start>` or `<start>.<length>`.
 */
function specials(country: Country): readonly string[] {
  const trunk = trunkOf(country);
  const group = Number(/\$(\d)/.exec(country[8] || '')?.[1] ?? 0);
  const byMeaning = new Map<string, Digits[]>();
  for (const { digits, groups, ends } of country[7] ? sequences(country[7]) : []) {
    const text = patternOf(digits);
    const span = groups.get(group);
    if (digits.length === 0 || NO_TRUNK.test(text) || (text === trunk && !span)) continue;
    if (!span && groups.size > 0 && !mayStart(digits, trunk)) continue;
    const [before = '', after = ''] = (country[8] || '').split(/\$\d/);
    if (after !== '') throw new TypeError(`Cannot write the rule ${country[8]}`);
    // an Argentinian mobile has 15 after the area code, which is removed; without the trunk prefix this is a local number
    if (span && !ends && trunk !== '' && !mayStart(digits, trunk)) continue;
    const open = span ? !ends && span[0] + span[1] < digits.length : true;
    const parts = span
      ? [before && `=${before}`, open ? `${span[0]}.${span[1]}` : `${span[0]}`, open && `${digits.length}`]
      : [`${digits.length}`];
    const meaning = `${open ? '.' : ''}:${parts.filter(Boolean).join('+')}`;
    byMeaning.set(meaning, [...(byMeaning.get(meaning) ?? []), digits]);
  }
  return [...byMeaning].flatMap(([meaning, all]) => merged(all).map(digits => patternOf(digits) + meaning)).sort();
}

/** Beginnings of national numbers by class, as seen from a country; everything else of its calling code is the other. */
function classes(name: string): { home: string; abroad: string; premium: string } {
  const code = of(name)[0];
  const members = membersOf(code);
  const premium = texts(members.flatMap(member => member.premium));
  if (members.length === 1) return { home: '', abroad: '', premium };
  const leaves = ownersOf(code);
  // Nobody's numbers are the main country's, save in North America, where new area codes are often an island's.
  const others = members[0]?.name === name && code !== '1';
  const isHome = (owners: string): boolean => (owners === '' ? others : owners.split(' ').includes(name));
  const home = texts(leaves.filter(({ label }) => isHome(label)).map(({ digits }) => digits));
  const abroad = texts(leaves.filter(({ label }) => !isHome(label)).map(({ digits }) => digits));
  return home.length < abroad.length ? { home, abroad: '', premium } : { home: '', abroad, premium };
}

interface Member {
  readonly name: string;
  /** Prefixes of a country's numbers, by type of number. */
  readonly own: readonly Digits[];
  /** Prefixes that the metadata assigns to a country, whatever digits follow. */
  readonly leading: readonly Digits[];
  readonly premium: readonly Digits[];
}

const remembered = new Map<string, readonly Member[]>();

function membersOf(code: string): readonly Member[] {
  const known = remembered.get(code);
  if (known) return known;
  const all = (phones.country_calling_codes[code] ?? []).map(name => {
    const types = (of(name)[11] || []).map(type => (type === 0 || type[0] === '' ? [] : begins(type[0])));
    const leading = of(name)[10];
    return { name, own: types.flat(), leading: leading ? begins(leading) : [], premium: types[PREMIUM] ?? [] };
  });
  remembered.set(code, all);
  return all;
}

const owners = new Map<string, ReturnType<typeof divide>>();

/** All prefixes under a calling code, with the countries that have such numbers. */
function ownersOf(code: string): ReturnType<typeof divide> {
  const known = owners.get(code);
  if (known) return known;
  const members = membersOf(code);
  const all = merged(members.flatMap(({ own, leading }) => [...own, ...leading]));
  const found = divide(all, text => {
    const mine = (lists: readonly Digits[]): boolean => lists.some(digits => mayStart(digits, text));
    const exact = members.filter(({ own }) => mine(own));
    const holders = exact.length > 0 ? exact : members.filter(({ leading }) => mine(leading));
    return holders.map(({ name }) => name).join(' ');
  });
  owners.set(code, found);
  return found;
}

function begins(expression: string): readonly Digits[] {
  return merged(sequences(expression).map(({ digits }) => beginning(digits)));
}

function trunkAfterCode(): readonly string[] {
  const byShape = new Map<string, Digits[]>();
  for (const [code, [main = '']] of Object.entries(phones.country_calling_codes)) {
    const country = phones.countries[main];
    const trunk = country ? trunkOf(country) : '';
    if (!country || !trunk.startsWith('0')) continue; // with 1 or 8 as trunk prefix, such a number is another one, or too long
    const members = phones.country_calling_codes[code] ?? [];
    if (members.some(member => generalOf(of(member)).some(digits => mayStart(digits, trunk)))) continue;
    const shape = `:${code.length}:${trunk.length}`;
    const [only] = sequences(`${code}${trunk}`);
    if (only) byShape.set(shape, [...(byShape.get(shape) ?? []), only.digits]);
  }
  return [...byShape].flatMap(([shape, all]) => merged(all).map(digits => patternOf(digits) + shape)).sort();
}

/** Indexes in google-libphonenumber's short number metadata (phonemetadata.proto); each entry has its pattern at index 2. */
const SHORT = { tollFree: 4, premium: 5, emergency: 27, inUse: 29, standard: 30, sms: 33 } as const;
const short = shortMetadata();

/** Short numbers at the standard rate, and those at a premium rate. Numbers of unknown cost are in neither. */
function shortNumbers(name: string): { free: string; paid: string } {
  const metadata = short[name];
  const of = (place: number): readonly Digits[] => {
    const pattern = (metadata?.[place] as readonly unknown[] | null | undefined)?.[2];
    return typeof pattern === 'string' ? sequences(pattern).map(({ digits }) => digits) : [];
  };
  const all = Object.values(SHORT).map(of);
  const result: Record<'free' | 'paid', Digits[]> = { free: [], paid: [] };
  for (let length = 2; length <= 6; length++) {
    const sized = all.map(list => list.filter(digits => digits.length === length));
    const leaves = divide(sized.flat(), text => {
      const [free, costly, urgent, used, usual, message] = sized.map(list =>
        list.some(digits => mayStart(digits, text)),
      );
      if (urgent || !used) return 'none';
      if (free) return 'free';
      if (message) return 'none';
      if (costly) return 'paid';
      return usual ? 'free' : 'none';
    });
    for (const { digits, label } of leaves) {
      if (label !== 'free' && label !== 'paid') continue;
      const rest = Array.from({ length: length - digits.length }, () => 0b11_1111_1111);
      result[label].push([...digits, ...rest]);
    }
  }
  const types = (phones.countries[name]?.[11] || []).filter((_, kind) => kind !== PREMIUM);
  const long = types.flatMap(type =>
    type === 0 || type[0] === '' ? [] : sequences(type[0]).map(({ digits }) => digits),
  );
  return { free: texts([...result.free, ...long.filter(isOnlyHere)]), paid: texts(result.paid) };
}

/** The package has its metadata in its compiled program only: arrays with holes, which JSON writes as null. */
function shortMetadata(): Readonly<Record<string, readonly unknown[]>> {
  const program = readFileSync(require.resolve('google-libphonenumber'), 'utf8');
  const [, found] = /shortnumbermetadata\.countryToMetadata=(\{.*?\]\});/s.exec(program) ?? [];
  if (!found) throw new TypeError('google-libphonenumber has no short numbers where they used to be');
  const json = found.replaceAll(/"(?:[^"\\]|\\.)*"|[^"]+/g, part =>
    part.startsWith('"')
      ? part
      : part
          .replaceAll(/\s/g, '')
          .replaceAll(/(?<=[[,])(?=[,\]])/g, 'null')
          .replaceAll(/(?<=[{,])[A-Z]{2}(?=:)/g, '"$&"'),
  );
  return JSON.parse(json) as Record<string, readonly unknown[]>;
}

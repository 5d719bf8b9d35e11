import { PLANS, TRUNK_AFTER_CODE } from './plans.gen.ts';
import { SERVICE_NUMBERS } from './service-numbers.ts';

/** How numbers are dialled in a country. Patterns are those of Asterisk's dialplan, without the underscore. */
export interface NumberingPlan {
  readonly callingCode: string;
  /** The trunk prefix before a national number; empty: there is none. */
  readonly nationalPrefix: string;
  /** The usual international prefix, to show to users and to send to carriers. */
  readonly internationalPrefix: string;
  /** All international prefixes. Asterisk itself tries the most specific pattern first. */
  readonly internationalPrefixes: readonly string[];
  /** Complete national numbers without prefix. */
  readonly valid: readonly string[];
  /** Those of them that are dialled without a prefix. */
  readonly bare: readonly string[];
  /** Other ways to dial a national number; `becomes` is the dialplan expression that makes the number of it. */
  readonly special: readonly { readonly pattern: string; readonly becomes: string }[];
  /** Prefixes of premium-rate national numbers. */
  readonly premium: readonly string[];
  /** With a shared calling code, prefixes of numbers in this country; empty: all except `abroad`. */
  readonly home: readonly string[];
  readonly abroad: readonly string[];
  /** Short and service numbers, complete. They are sent as dialled; the value says whether they cost more. */
  readonly service: ReadonlyMap<string, 'Service' | 'Premium'>;
}

const ROWS: ReadonlyMap<string, readonly string[]> = new Map(
  PLANS.trim()
    .split('\n')
    .map(row => row.split('|'))
    .map(([country = '', ...fields]) => [country, fields]),
);

export const COUNTRIES: readonly string[] = [...ROWS.keys()];

const plans = new Map<string, NumberingPlan>();

/** The plan of a country (ISO 3166-1 alpha-2); undefined for one that libphonenumber does not know. */
export function numberingPlan(country: string): NumberingPlan | undefined {
  const known = plans.get(country);
  const row = ROWS.get(country);
  if (known || !row) return known;
  const plan = planOf(country, row);
  plans.set(country, plan);
  return plan;
}

function planOf(country: string, row: readonly string[]): NumberingPlan {
  const [callingCode = '', nationalPrefix = '', internationalPrefix = ''] = row;
  const [prefixes, valid, bare, special, premium, home, abroad, free, paid] = row.slice(3).map(words);
  const service = new Map<string, 'Service' | 'Premium'>();
  for (const pattern of free ?? []) service.set(pattern, 'Service');
  for (const pattern of paid ?? []) service.set(pattern, 'Premium');
  const known = SERVICE_NUMBERS[country];
  for (const pattern of known?.service ?? []) service.set(pattern, 'Service');
  for (const pattern of known?.premium ?? []) service.set(pattern, 'Premium');
  return {
    callingCode,
    nationalPrefix,
    internationalPrefix,
    internationalPrefixes: prefixes ?? [],
    valid: valid ?? [],
    bare: (bare?.[0] === '=' ? valid : bare) ?? [],
    special: (special ?? []).map(specialOf),
    premium: premium ?? [],
    home: home ?? [],
    abroad: abroad ?? [],
    service,
  };
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

/** Parses `0.:=9+1.2+5`: literal digits after `=`, and parts of the dialled number by start, or by start and length. */
function specialOf(text: string): { pattern: string; becomes: string } {
  const [pattern = '', parts = ''] = text.split(':');
  const becomes = parts.split('+').map(part => {
    if (part.startsWith('=')) return part.slice(1);
    const [start = '0', length] = part.split('.');
    return `\${EXTEN:${start}${length === undefined ? '' : `:${length}`}}`;
  });
  return { pattern, becomes: becomes.join('') };
}

/**
 * Where a trunk prefix stands behind a calling code by mistake, as in +44 (0)20 …: the pattern, and how many digits to
 * keep before it and to drop. Only of plans without numbers that begin so; Italy's do.
 */
export const TRUNK_PREFIX_AFTER_CODE: readonly { pattern: string; keep: number; drop: number }[] =
  TRUNK_AFTER_CODE.split(' ').map(text => {
    const [pattern = '', keep = '', drop = ''] = text.split(':');
    return { pattern, keep: Number(keep), drop: Number(drop) };
  });

import { type CountryCode, getCountryCallingCode, isSupportedCountry, Metadata } from 'libphonenumber-js/min';

/** How numbers are dialled in a country: from libphonenumber's metadata, and the emergency numbers from a table. */
export interface NumberingPlan {
  readonly callingCode: string;
  readonly nationalPrefix: string;
  readonly internationalPrefix: string;
}

/** Undefined for a country that libphonenumber does not know. */
export function numberingPlan(country: string): NumberingPlan | undefined {
  if (!isSupportedCountry(country)) return undefined;
  const plan = planOf(country);
  return {
    callingCode: getCountryCallingCode(country),
    nationalPrefix: digitsOr(plan.nationalPrefix() ?? '', ''),
    internationalPrefix: digitsOr(plan.IDDPrefix() ?? '', '00'),
  };
}

/** The library's type declarations leave these two out; its README names them. */
function planOf(country: CountryCode): { nationalPrefix(): string | undefined; IDDPrefix(): string | undefined } {
  const plans = new Metadata();
  plans.selectNumberingPlan(country);
  return plans.numberingPlan as unknown as ReturnType<typeof planOf>;
}

/** Some prefixes are patterns (several carriers); then the usual one stands. */
function digitsOr(text: string, otherwise: string): string {
  return /^[0-9]+$/.test(text) ? text : otherwise;
}

/** Everywhere on a mobile network 112 works, and 911 is what half the world's films taught. */
export const WORK_EVERYWHERE: readonly string[] = ['112', '911'];

/** National emergency numbers beside those (ITU-T E.161.1 and the regulators' lists). */
const NATIONAL: Readonly<Record<string, readonly string[]>> = {
  AE: ['999', '998', '997'],
  AR: ['101', '100', '107'],
  AT: ['122', '133', '144'],
  AU: ['000', '106'],
  BE: ['101', '100'],
  BD: ['999'],
  BR: ['190', '192', '193'],
  CA: ['911'],
  CH: ['117', '118', '144'],
  CL: ['131', '132', '133'],
  CN: ['110', '119', '120'],
  CO: ['123'],
  CZ: ['150', '155', '158'],
  DE: ['110'],
  DK: ['114'],
  EG: ['122', '123', '180'],
  ES: ['061', '080', '091'],
  FR: ['15', '17', '18', '114'],
  GB: ['999'],
  GR: ['100', '166', '199'],
  HK: ['999'],
  HU: ['104', '105', '107'],
  ID: ['110', '113', '118'],
  IE: ['999'],
  IL: ['100', '101', '102'],
  IN: ['100', '101', '102', '108'],
  IT: ['113', '115', '118'],
  JP: ['110', '118', '119'],
  KE: ['999'],
  KR: ['112', '119'],
  LK: ['119', '110'],
  MX: ['911'],
  MY: ['999'],
  NG: ['112', '199'],
  NL: ['112'],
  NO: ['110', '112', '113'],
  NP: ['100', '101', '102'],
  NZ: ['111'],
  PE: ['105', '106', '116'],
  PH: ['911'],
  PK: ['15', '1122', '115'],
  PL: ['997', '998', '999'],
  PT: ['112'],
  QA: ['999'],
  RO: ['112'],
  RU: ['101', '102', '103'],
  SA: ['997', '998', '999'],
  SE: ['112'],
  SG: ['995', '999'],
  TH: ['191', '199', '1669'],
  TR: ['112', '155'],
  TW: ['110', '119'],
  UA: ['101', '102', '103'],
  US: ['911'],
  VN: ['113', '114', '115'],
  ZA: ['10111', '10177'],
};

/** The emergency numbers of a country, sorted; `undefined` country: those that work nearly everywhere. */
export function emergencyNumbers(country: string | undefined): readonly string[] {
  return [...new Set([...WORK_EVERYWHERE, ...(country ? (NATIONAL[country] ?? []) : [])])].sort();
}

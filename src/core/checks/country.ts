import { WORK_EVERYWHERE } from '../countries.ts';
import type { Finding } from '../finding.ts';
import { numberingPlan } from '../numbering/plan.ts';

/**
 * Warns of a country code that does not exist, such as UK instead of GB: the object works, but the country's emergency
 * numbers do not call for help, and its national numbers cannot be dialled.
 */
export function unknownCountry(country: string | undefined, field: string): Finding[] {
  if (country === undefined || numberingPlan(country)) return [];
  const instead = MISTAKEN.get(country);
  const remedy = instead === undefined ? 'use the code of ISO 3166-1 alpha-2' : `use ${instead}`;
  const message = `${field}: there is no country ${country}, so that of emergency numbers only ${WORK_EVERYWHERE.join(' and ')}, or those of a Location's spec.emergency.numbers, call for help, and national numbers are not known; ${remedy}`;
  return [{ reason: 'CountryUnknown', field, message }];
}

/** Codes that people use by mistake, and the right ones. */
const MISTAKEN: ReadonlyMap<string, string> = new Map([
  ['UK', 'GB'],
  ['EL', 'GR'],
]);

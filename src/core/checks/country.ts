import { WORK_EVERYWHERE } from '../countries.ts';
import type { Finding } from '../finding.ts';
import { numberingPlan } from '../numbering/plan.ts';

/**
 * Warns of a country code that does not exist, such as UK instead of GB: the object works, but the country's emergency
 * numbers are not known, and its national numbers cannot be dialled.
 */
export function unknownCountry(country: string | undefined, field: string): Finding[] {
  if (country === undefined || numberingPlan(country)) return [];
  const instead = MISTAKEN.get(country);
  const remedy = instead === undefined ? 'use a code of ISO 3166-1 alpha-2' : `use ${instead}`;
  const message = `${field}: ${country} is not the code of a country, so only ${WORK_EVERYWHERE.join(', ')} and the spec.emergency.numbers of a Location are emergency numbers, and national numbers cannot be dialled; ${remedy}`;
  return [{ reason: 'CountryUnknown', field, message }];
}

/** Codes that people use by mistake, and the right ones. */
const MISTAKEN: ReadonlyMap<string, string> = new Map([
  ['UK', 'GB'],
  ['EL', 'GR'],
]);

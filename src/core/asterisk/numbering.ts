import { type NumberingPlan, TRUNK_PREFIX_AFTER_CODE } from '../numbering/plan.ts';

/**
 * How numbers are dialled, as contexts of extensions_tenant.conf whose patterns Asterisk matches itself; the engine
 * (numbers.conf) asks them. A context's line either is there or not, or returns a value.
 */

/** International premium rate (ITU-T E.169.2) belongs to no country. */
const PREMIUM_EVERYWHERE = ['979'];

/** A pattern of numbers that leave as dialled: of Organization.spec.dialing.service, checked by its schema. */
function asDialled(number: string): string {
  return number.endsWith('*') ? `${number.slice(0, -1)}!` : number;
}

/**
 * The contexts for a country, or for none: then nothing is known to be national, and only +… can be dialled.
 * `service`: numbers that leave as dialled beside those of the country, digits or a beginning with *.
 */
export function numberContexts(plan: NumberingPlan | undefined, service: readonly string[] = []): string {
  const added = new Map(service.map(number => [asDialled(number), 'Service' as const]));
  const short = new Map([...(plan?.service ?? []), ...added]);
  const code = plan?.callingCode ?? '';
  const begins = (beginnings: readonly string[]): Line[] => beginnings.map(one => [`${code}${one}.`]);
  const contexts: Record<string, readonly Line[]> = {
    'rf-service': [...short].map(([pattern, price]) => [pattern, price === 'Premium' ? 'P' : 'S']),
    'rf-international': (plan?.internationalPrefixes ?? []).map(one => [
      `${one}Z.`,
      `\${EXTEN:${placesOf(one)}}`, // a calling code never begins with 0
    ]),
    'rf-special': (plan?.special ?? []).map(({ pattern, becomes }) => [pattern, becomes]),
    'rf-valid': (plan?.valid ?? []).map(pattern => [pattern]),
    'rf-bare': (plan?.bare ?? []).map(pattern => [pattern]),
    'rf-premium': [...PREMIUM_EVERYWHERE.map((one): Line => [`${one}.`]), ...begins(plan?.premium ?? [])],
    'rf-abroad': begins(plan?.abroad ?? []),
    'rf-home': plan ? (plan.home.length > 0 ? begins(plan.home) : [[`${code}.`]]) : [],
    'rf-trunk-zero': TRUNK_PREFIX_AFTER_CODE.map(({ pattern, keep, drop }) => [
      `${pattern}Z.`,
      `\${EXTEN:0:${keep}}\${EXTEN:${keep + drop}}`,
    ]),
  };
  return Object.entries(contexts)
    .map(([name, lines]) => `[${name}]\n${lines.map(lineText).join('')}`)
    .join('');
}

/** A pattern without the underscore, and what it returns. */
type Line = readonly [pattern: string, value?: string];

function lineText([pattern, value = '']: Line): string {
  const extension = /^[0-9]+$/.test(pattern) ? pattern : `_${pattern}`;
  return `exten => ${extension},1,Return(${value})\n`;
}

/** How many digits a pattern stands for. */
function placesOf(pattern: string): number {
  return pattern.replaceAll(/\[[^\]]*\]/g, 'X').length;
}

/** The area code of a Location as it stands inside a number: without the trunk prefix that people write before it. */
export function areaCode(code: string | undefined, plan: NumberingPlan | undefined): string {
  if (!code || !plan) return '';
  const { nationalPrefix } = plan;
  return nationalPrefix !== '' && code.startsWith(nationalPrefix) ? code.slice(nationalPrefix.length) : code;
}

import { Memo } from '../memo.ts';
import { type NumberingPlan, numberingPlan } from '../numbering/plan.ts';
import type { Tenant } from '../tenant.ts';
import type { EmergencyNumbers } from '../tenant-index/emergency.ts';
import { word } from './escape.ts';
import { setAll } from './extension-line.ts';
import { patternsOf } from './extension-patterns.ts';
import { numberContexts } from './numbering.ts';

/** extensions_tenant.conf: globals and contexts whose lines only set variables. The engine does the rest. */

const VARIABLE = /^[A-Z][A-Z_]*$/;

export interface DialplanFacts {
  readonly tenant: Tenant;
  readonly emergency: readonly EmergencyNumbers[];
  /** Those of users who are rendered. */
  readonly extensions: readonly string[];
  /** Names of the trunks, in the order in which they are tried. */
  readonly trunks: readonly string[];
  /** Addresses of carriers: no phone is called there. */
  readonly carriers: readonly string[];
  /** How many legs of calls, of those that are no emergency, there may be at a time. */
  readonly maxLegs: number;
}

export function globals({ tenant, trunks, maxLegs }: DialplanFacts): string {
  const plan = planOf(tenant);
  const values: Record<string, string> = {
    RF_ORG: tenant.name,
    RF_STATE: tenant.active ? 'Active' : 'Suspended',
    RF_MAX_CALLS: String(tenant.limits.concurrentCalls),
    RF_MAX_LEGS: String(maxLegs),
    RF_VOICEMAIL: tenant.features.voicemail ? '1' : '0',
    RF_TRANSFER: tenant.features.callTransfer ? '1' : '0',
    RF_TRUNK: trunks[0] ?? '', // for an engine of before its roll
    RF_COUNTRY_CODE: plan?.callingCode ?? '',
    RF_NATIONAL_PREFIX: plan?.nationalPrefix ?? '',
    RF_INTERNATIONAL_PREFIX: plan?.internationalPrefix ?? '',
  };
  const lines = Object.entries(values).map(([name, value]) => assignment(name, value));
  return `[globals](+)\n${lines.join('\n')}\n`;
}

/**
 * Contexts that are there even when nothing is in them. `emergency` has the numbers of all Locations, for an engine of
 * before its roll and for who is no user any more; `em-<Location>` those of one.
 */
export function sharedContexts({ tenant, emergency, trunks, carriers }: DialplanFacts): string {
  const all = [...new Set(emergency.flatMap(({ numbers }) => numbers))].sort();
  const plans = [{ context: 'emergency', numbers: all }, ...emergency].map(({ context, numbers }) =>
    [`[${word(context)}]`, ...numbers.map(number => `exten => ${word(number)},1,Return()`)].join('\n'),
  );
  const order = trunks.map((name, at) => setAll(String(at + 1), ['RF_OUT_TRUNK'], [name]));
  const numbers = numberContexts(planOf(tenant), tenant.organization.spec.dialing?.service);
  const addresses = carriers.map(address => `exten => ${word(address)},1,Return()`);
  const rest = ['[order]', ...order, ...plans, '[carriers]', ...addresses, '[hints-users]'];
  return `[names]\n[users]\n[numbers]\n[trunks]\n${rest.join('\n')}\n${numbers}`;
}

function planOf({ country }: Tenant): NumberingPlan | undefined {
  return country ? numberingPlan(country) : undefined;
}

const known = new Memo<Tenant, readonly string[]>();

/** What a phone may watch: whoever exists, and nobody else. Device and extension have the same number in their names. */
export function hints({ tenant, extensions }: DialplanFacts): string {
  const patterns = known.of(tenant, extensions, () => patternsOf(extensions));
  const lines = patterns.map(pattern => `exten => ${pattern},hint,PJSIP/\${RF_ORG}_\${EXTEN}`);
  return ['[hints-users](+)', ...lines].join('\n');
}

function assignment(name: string, value: string): string {
  if (!VARIABLE.test(name)) throw new TypeError(`Not a variable's name: ${name}`);
  return `${name}=${value === '' ? '' : word(value)}`;
}

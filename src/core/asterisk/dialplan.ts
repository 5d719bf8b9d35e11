import type { ResolvedUser } from '../judge/users.ts';
import { Memo } from '../memo.ts';
import { transferContext } from '../names.ts';
import { type NumberingPlan, numberingPlan } from '../numbering/plan.ts';
import type { Tenant } from '../tenant.ts';
import type { EmergencyNumbers } from '../tenant-index/emergency.ts';
import { word } from './escape.ts';
import { setAll } from './extension-line.ts';
import { patternsOf } from './extension-patterns.ts';
import { areaCode, numberContexts } from './numbering.ts';

/** extensions_tenant.conf: globals and contexts whose lines only set variables. The engine does the rest. */

/** The variables that a line of the context `users` sets. */
const USER_FIELDS = [
  'U_ID', // endpoint
  'U_RING', // seconds
  'U_TARGET', // sip | none
  'U_NOANSWER', // destination word
  'U_BUSY', // destination word
  'U_OFFLINE', // destination word, or empty: as no answer
  'U_OFFLINE_DIRECT', // 1: only for direct calls
  'U_MAILBOX', // mailbox, or empty; 1: by extension, before there were others
  'U_CLI', // outbound caller ID
  'U_EM_TRUNK', // trunk that emergency calls try first, or empty
  'U_EM_NUMBERS', // context with the emergency numbers of the Location
  'U_EM_CLI', // caller ID for emergency calls
  'U_DIAL', // classes that may be dialled, letters in one word: I internal, N national, S service, W world, P premium
  'U_OFFLINE_SECONDS', // how long to ring where U_OFFLINE leads; empty: as that one says
  'U_AREA', // area code of the Location, without trunk prefix, or empty
] as const;

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

/** One priority that sets all variables of a user, and one that returns; and the way in for who the user transfers. */
export function userLine(user: ResolvedUser, tenant: Tenant): string {
  const values: Record<(typeof USER_FIELDS)[number], string> = {
    U_ID: user.id,
    U_RING: String(user.ringSeconds),
    U_TARGET: user.target,
    U_NOANSWER: user.onNoAnswer,
    U_BUSY: user.onBusy,
    U_OFFLINE: user.onOffline,
    U_OFFLINE_DIRECT: user.offlineDirectOnly ? '1' : '',
    U_MAILBOX: user.mailbox,
    U_CLI: user.callerId,
    U_EM_TRUNK: user.emergencyTrunk,
    U_EM_NUMBERS: user.emergencyNumbers,
    U_EM_CLI: user.emergencyCallerId,
    U_DIAL: user.dial,
    U_AREA: areaCode(user.areaCode, planOf(tenant)),
    U_OFFLINE_SECONDS: user.offlineSeconds === undefined ? '' : String(user.offlineSeconds),
  };
  const lines = [
    '[users](+)',
    setAll(
      user.extension,
      USER_FIELDS,
      USER_FIELDS.map(field => values[field]),
    ),
  ];
  if (user.sip.address) lines.push('[names](+)', setAll(user.sip.address, ['RF_EXTEN'], [user.extension]));
  lines.push(`[${word(transferContext(user.extension, user.user.metadata))}]`, 'include => transferred');
  return lines.join('\n');
}

function assignment(name: string, value: string): string {
  if (!VARIABLE.test(name)) throw new TypeError(`Not a variable's name: ${name}`);
  return `${name}=${value === '' ? '' : word(value)}`;
}

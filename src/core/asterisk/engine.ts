import { entries } from './engine-entries.ts';
import { renderHints } from './engine-hints.ts';
import { numberRoutines } from './engine-numbers.ts';
import { trunkContexts } from './engine-trunks.ts';
import { userContexts } from './engine-users.ts';
import { voicemailContexts } from './engine-voicemail.ts';

/**
 * The engine: the dialplan that every tenant shares and that never changes under a running call, because a running call
 * goes on in the *new* text at the same priority number (features.md T3). It is restart-class: the agent puts a changed
 * engine in place only while Asterisk is not running. All that differs between tenants is data: globals and the
 * contexts `users`, `names`, `numbers`, `trunks`, `order` and those of emergency numbers in extensions_tenant.conf, whose
 * lines only set variables. Until its roll a PBX runs new data with the engine of before, so what an older engine reads
 * stays in the data.
 *
 * Destinations travel as one word, `<kind>:<value>` (`user:1001`, `voicemail:1001`, `number:+44…`, `hangup:17`), and
 * lead to the context `to-<kind>`. A hop counter cuts loops that the judge could not see.
 *
 * Only an entry (`from-user`, `from-trunk`, `transferred`) admits a channel: it sets RF_IN, a variable that no leg
 * inherits, and every context behind the entries refuses a channel without it. So no text that a phone or a carrier
 * sends (a contact, a redirect) can begin a call in the middle of the dialplan.
 */

/** The variables that a line of the context `users` sets. */
export const USER_FIELDS = [
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

const MAX_HOPS = 10;

export function renderEngine(): string {
  return `;@ -
[general]
static=yes
writeprotect=yes
autofallthrough=yes
clearglobalvars=no

[globals]
RF_ENGINE=2

#tryinclude extensions_tenant.conf
#tryinclude extensions_generation.conf

${renderHints()}
${entries(MAX_HOPS)}
${numberRoutines()}
${userContexts(MAX_HOPS)}

${trunkContexts()}
${voicemailContexts()}`;
}

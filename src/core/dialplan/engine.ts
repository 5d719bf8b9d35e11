import { TEXT } from './text.gen.ts';

/**
 * The engine: the dialplan that every tenant shares, joined from the .conf files beside. It never changes under a running
 * call, because a running call goes on in the *new* text at the same priority number (features.md T3). It is restart-class:
 * the agent puts a changed engine in place only while Asterisk is not running. All that differs between tenants is data:
 * globals and the contexts `users`, `names`, `numbers`, `trunks`, `order` and those of emergency numbers in
 * extensions_tenant.conf, whose lines only set variables. Until its roll a PBX runs new data with the engine of before, so
 * what an older engine reads stays in the data, and what it does not know is left out of it (`asterisk/engine-version.ts`).
 *
 * Destinations travel as one word, `<kind>:<value>` (`user:1001`, `voicemail:1001`, `number:+44…`, `hangup:17`), and
 * lead to the context `to-<kind>`. A hop counter ends loops that the evaluation cannot see.
 *
 * Only an entry (`from-user`, `from-trunk`, `transferred`) admits a channel: it sets RF_IN, a variable that no leg
 * inherits, and every context behind the entries refuses a channel without it. So no text that a phone or a carrier
 * sends (a contact, a redirect) can begin a call in the middle of the dialplan.
 */

/** The files in the order in which a call goes through them. `general` must be first, because others add to its sections. */
export const CONCERNS = [
  'general',
  'entry',
  'admission',
  'caller',
  'dialled',
  'inbound',
  'destination',
  'numbers',
  'user',
  'contacts',
  'phone',
  'outbound',
  'emergency',
  'voicemail',
  'features',
  'hints',
] as const;

/** The text of extensions.conf. */
export function renderEngine(): string {
  return CONCERNS.map(concern => TEXT[concern]).join('\n');
}

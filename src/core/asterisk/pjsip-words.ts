import { word } from './escape.ts';

/** What users and trunks say alike in the pjsip_*.conf files. */

/**
 * A call whose phone is gone is found out by asking the phone, not by its silence: one that is muted or sends nothing in
 * pauses (DTX) is not gone. `always`: also one that does not know session timers is asked, by a re-INVITE, halfway
 * through these seconds; who does not answer loses the call at once, who refuses loses it at the end (measured, 22.10).
 */
export const SESSION_SECONDS = 900;

export const DTMF: Readonly<Record<string, string>> = {
  RFC4733: 'rfc4733',
  Info: 'info',
  Inband: 'inband',
  Auto: 'auto_info',
};
export const TIMERS: Readonly<Record<string, string>> = { Never: 'no', Accept: 'yes', Required: 'required' };
export const ENCRYPTION: Readonly<Record<string, string>> = { Disable: 'no', Allow: 'sdes', Require: 'sdes' };

export function only(condition: boolean, line: string): string[] {
  return condition ? [line] : [];
}

export function optional(option: string, value: string | undefined): string[] {
  return value ? [`${option}=${word(value)}`] : [];
}

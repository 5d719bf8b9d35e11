import { word } from './escape.ts';

/** What users and trunks say alike in the pjsip_*.conf files. */

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

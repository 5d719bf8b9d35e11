import type { SecretView } from '../snapshot.ts';

/**
 * A password, user name or PIN from a Secret. One line break at the end is cut off: `echo … | base64` and editors add it
 * without anybody's intention.
 */
export function secretText(view: SecretView | undefined, key: string): string | undefined {
  return view?.data[key]?.replace(/\r?\n$/, '');
}

/**
 * Why a text cannot be a password, as the end of a message that begins with "The password"; undefined: it can. Phones and
 * carriers encode characters outside ASCII in different ways, so a digest over them hardly ever matches.
 */
export function wrongPassword(text: string, { min, max }: { min: number; max: number }): string | undefined {
  if (/[\r\n]/.test(text)) return 'has a line break in it (one at its end would not count); remove it';
  if (/[^\x20-\x7e]/.test(text))
    return 'has control characters or letters outside ASCII; use letters, digits and signs of an English keyboard';
  const { length } = text;
  if (length < min || length > max) return `has ${length} characters; it must have ${min} to ${max}`;
  return undefined;
}

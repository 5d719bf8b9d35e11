import type { SecretView } from '../snapshot.ts';

/**
 * How a value of a Secret is read, whoever needs it: passwords, user names and PINs. One line break at the end is no part
 * of it: `echo … | base64` and editors put it there, and nobody means it.
 */
export function secretText(view: SecretView | undefined, key: string): string | undefined {
  return view?.data[key]?.replace(/\r?\n$/, '');
}

/**
 * Words that complete "The password …" when a text cannot be one; undefined when it can. Phones and carriers do not agree
 * on how other characters than those of ASCII are sent, so a digest over them hardly ever fits.
 */
export function wrongPassword(text: string, { min, max }: { min: number; max: number }): string | undefined {
  if (/[\r\n]/.test(text)) return 'has a line break in it (one at its end would not count); remove it';
  if (/[^\x20-\x7e]/.test(text))
    return 'has control characters or letters outside ASCII; use letters, digits and signs of an English keyboard';
  const { length } = text;
  if (length < min || length > max) return `has ${length} characters; it must have ${min} to ${max}`;
  return undefined;
}

import { randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';

/** A password of 24 characters that can be read aloud (139 bits), or a PIN of six digits. */
export function randomValue(form: 'password' | 'pin'): string {
  if (form === 'pin') return String(randomInt(100_000, 1_000_000));
  return Array.from({ length: 24 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

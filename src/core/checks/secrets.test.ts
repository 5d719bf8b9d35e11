import { describe, expect, it } from 'vitest';
import { secret } from '../../../test/snapshots.ts';
import { secretText, wrongPassword } from './secrets.ts';

describe('a value of a Secret', () => {
  it.each([
    ['hunter2222', 'hunter2222'],
    ['hunter2222\n', 'hunter2222'],
    ['hunter2222\r\n', 'hunter2222'],
    ['hunter2222\n\n', 'hunter2222\n'],
    ['\nhunter2222', '\nhunter2222'],
    ['hunter2222 ', 'hunter2222 '],
    ['', ''],
  ])('%j is read as %j', (stored, read) => {
    expect(secretText(secret('one', { key: stored }), 'key')).toBe(read);
  });

  it('is absent without its key, or without the Secret', () => {
    expect(secretText(secret('one', {}), 'key')).toBeUndefined();
    expect(secretText(undefined, 'key')).toBeUndefined();
  });
});

describe('a password', () => {
  const bounds = { min: 8, max: 128 };

  it.each(['hunter2222', 'a#b;c,"d=>e[f', '        ', '~'.repeat(128)])('may be %j', text => {
    expect(wrongPassword(text, bounds)).toBeUndefined();
  });

  it.each([
    ['two\nlines', 'line break'],
    ['carriage\rreturn', 'line break'],
    ['pass\tword', 'control'],
    ['pässword', 'ASCII'],
    ['\u00a0password', 'ASCII'],
    ['\ufffdpassword', 'ASCII'],
    ['short', '5 characters'],
    ['~'.repeat(129), '129 characters'],
  ])('may not be %j, and why is said', (text, word) => {
    expect(wrongPassword(text, bounds)).toContain(word);
  });
});

import { describe, expect, it } from 'vitest';
import { matches } from './parse.ts';

describe('a pattern', () => {
  it.each([
    ['_X', '1', true],
    ['_X', 'a', false],
    ['_X!', '1', true],
    ['_X.', '1', false],
    ['_[!-Z^-~]!', '*97', true],
    ['_[!-Z^-~]!', 'a^', true],
    ['_[+*#0-9]!', '+44', true],
    ['_NZ', '11', false],
    ['s', 's', true],
    ['s', 'S', false],
  ])('%s takes %s: %s', (pattern, extension, taken) => {
    expect(matches(pattern, extension)).toBe(taken);
  });
});

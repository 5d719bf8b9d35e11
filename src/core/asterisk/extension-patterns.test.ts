import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PATTERNS, patternsOf } from './extension-patterns.ts';

const range = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => String(from + at));
const matches = (pattern: string, digits: string): boolean =>
  new RegExp(`^${pattern.slice(1).replaceAll('X', '[0-9]')}$`).test(digits);

describe('extensions as patterns', () => {
  it.each([
    ['nobody', [], []],
    ['one', ['1001'], ['_1001']],
    ['a run', range(1000, 1005), ['_100[01234]']],
    ['a whole hundred', range(1000, 1100), ['_10XX']],
    ['two floors with the same rooms', ['101', '102', '201', '202'], ['_[12]0[12]']],
    ['two lengths', ['60', '1001'], ['_1001', '_60']],
    ['the same number twice', ['1001', '1001'], ['_1001']],
  ])('%s', (_what, extensions, patterns) => {
    expect(patternsOf(extensions)).toEqual(patterns);
  });

  it('open the last digits rather than becoming too many', () => {
    const scattered = Array.from({ length: 1000 }, (_, at) => String(10_000 + 67 * at));

    const patterns = patternsOf(scattered);

    expect(patterns.length).toBeLessThanOrEqual(MAX_PATTERNS);
    expect(scattered.every(one => patterns.some(pattern => matches(pattern, one)))).toBe(true);
    expect(patterns.some(pattern => matches(pattern, '99999'))).toBe(false);
  });

  it('match all that exists, and nothing else while they are few enough', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.uniqueArray(digits, { maxLength: 60 }), fc.array(digits), (extensions, others) => {
        const patterns = patternsOf(extensions);
        for (const one of [...extensions, ...others])
          expect(patterns.some(pattern => matches(pattern, one))).toBe(extensions.includes(one));
      }),
    );
  });

  it('are never more than allowed, and none is lost', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(fc.uniqueArray(digits, { maxLength: 200 }), extensions => {
        const patterns = patternsOf(extensions, 10);
        expect(patterns.length).toBeLessThanOrEqual(10);
        for (const one of extensions) expect(patterns.some(pattern => matches(pattern, one))).toBe(true);
      }),
    );
  });
});

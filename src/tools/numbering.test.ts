import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberContexts } from '../core/asterisk/numbering.ts';
import { COUNTRIES, numberingPlan } from '../core/numbering/plan.ts';
import { beginning, divide, mayStart, merged, patternOf, sequences } from './digit-patterns.ts';
import { numberingPlans } from './numbering.ts';

it('the plans are not stale', { timeout: 120_000 }, async () => {
  const present = await readFile(join(import.meta.dirname, '../core/numbering/plans.gen.ts'), 'utf8');

  expect(numberingPlans() === present, 'run npm run generate').toBe(true);
});

it('every pattern of every country is one of Asterisk, and no context has one twice', () => {
  for (const country of COUNTRIES) {
    const text = numberContexts(numberingPlan(country));
    const contexts = text.split(/^\[/m).slice(1);
    for (const context of contexts) {
      const lines = context.split('\n').slice(1, -1);
      for (const line of lines) {
        expect(line).toMatch(
          /^exten => (_[0-9XZN[\]-]+[.!]?|[0-9]+),1,Return\(([0-9PS]|\$\{EXTEN:[0-9]+(:[0-9]+)?\})*\)$/,
        );
      }
      expect(new Set(lines.map(line => line.split(',')[0])).size).toBe(lines.length);
    }
    expect(text.length, country).toBeLessThan(12_000);
  }
});

describe('sequences', () => {
  it.each([
    ['12', ['12']],
    ['1?2', ['2', '12']],
    ['1(?:2|34)', ['12', '134']],
    ['[2-9]\\d', ['NX']],
    ['[13-58]', ['[13-58]']],
    ['[1-9]', ['Z']],
    ['\\d{2,3}', ['XX', 'XXX']],
    ['(?:1|2){2}', ['11', '12', '21', '22']],
    ['', ['']],
  ])('of %s', (expression, patterns) => {
    expect(sequences(expression).map(({ digits }) => patternOf(digits))).toEqual(patterns);
  });

  it.each(['1+', '(1', '1)', 'a', '1*', '^1'])('of %s are refused', expression => {
    expect(() => sequences(expression)).toThrow(TypeError);
  });

  it('remember what a group holds, and where an expression ends', () => {
    const [first, second] = sequences('0(1\\d)?$|2');

    expect([...(first?.groups ?? [])]).toEqual([]);
    expect([...(second?.groups ?? [])]).toEqual([[1, [1, 2]]]);
    expect([first?.ends, second?.ends]).toEqual([true, true]);
  });
});

const set = fc.integer({ min: 1, max: 1023 });
const lists = fc.array(fc.array(set, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
const number = fc.stringMatching(/^[0-9]{4}$/);

it('merging changes no number’s membership', () => {
  const has = (all: readonly (readonly number[])[], text: string): boolean =>
    all.some(digits => digits.length === text.length && mayStart(digits, text));

  fc.assert(
    fc.property(lists, number, (all, text) => {
      expect(has(merged(all), text)).toBe(has(all, text));
      expect(merged(all).length).toBeLessThanOrEqual(all.length);
    }),
  );
});

it('dividing gives each number one label, and it is that of its beginning', () => {
  fc.assert(
    fc.property(lists, number, (all, text) => {
      const labelOf = (start: string): string => String(all.filter(digits => mayStart(digits, start)).length);
      const leaves = divide(all.map(beginning), labelOf).filter(({ digits }) => mayStart(digits, text));

      expect(leaves.map(({ label }) => label)).toEqual([labelOf(text)]);
    }),
  );
});

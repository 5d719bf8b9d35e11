import { expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

it('puts off ever longer, up to a most, and what is new not at all', () => {
  const backoff = new Backoff({ firstMs: 60, mostMs: 200 });

  expect([1, 2, 3, 4].map(() => [backoff.later('a', 1_000), backoff.leftMs('a', 1_000)])).toEqual([
    [1, 60],
    [2, 120],
    [3, 200],
    [4, 200],
  ]);
  expect(backoff.leftMs('a', 1_150)).toBe(50);
  expect(backoff.leftMs('a', 9_000)).toBe(0);
  expect(backoff.leftMs('b', 1_000)).toBe(0);
  expect(backoff.later('b', 0)).toBe(1);
  expect(backoff.times('a')).toBe(0);
  backoff.forget();
  expect(backoff.times('b')).toBe(0);
});

import { expect, it } from 'vitest';
import { lookPause } from './look-pause.ts';

it('looks at a large tenant for a fifth of the time at most, but every five seconds', () => {
  expect([5, 300, 60_000].map(lookPause)).toEqual([200, 1_200, 5_000]);
});

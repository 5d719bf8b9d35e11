import { firstProblem } from '../../verdict.ts';
import type { KindModule } from '../module.ts';
import { CHECKS } from './checks.ts';
import { render } from './render.ts';
import { judgeNumber, type ResolvedNumber } from './resolve.ts';

/** PhoneNumber: where calls from outside go, and what callers show. */
export const phoneNumber = {
  judge: (numbers, index) => numbers.map(number => judgeNumber(number, index)),
  unserved: (number, index) => firstProblem(CHECKS, number, index)?.reason,
  claim: { sort: 'numbers', keyOf: ({ number }) => (number ? String(number) : undefined) },
  render,
} satisfies KindModule<'PhoneNumber', ResolvedNumber>;

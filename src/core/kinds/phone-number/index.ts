import { firstFinding } from '../../finding.ts';
import type { KindModule } from '../module.ts';
import { CHECKS } from './checks.ts';
import { render } from './render.ts';
import { evaluateNumber, type ResolvedNumber } from './resolve.ts';

/** PhoneNumber: the destination of calls from outside, and a caller ID for calls to outside. */
export const phoneNumber = {
  evaluate: (numbers, index) => numbers.map(number => evaluateNumber(number, index)),
  unserved: (number, index) => firstFinding(CHECKS, number, index)?.reason,
  claim: { claimKind: 'numbers', keyOf: ({ number }) => (number ? String(number) : undefined) },
  render,
} satisfies KindModule<'PhoneNumber', ResolvedNumber>;

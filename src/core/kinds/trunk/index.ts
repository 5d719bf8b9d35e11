import type { KindModule } from '../module.ts';
import { refusal } from './checks.ts';
import { render } from './render.ts';
import { evaluateTrunks, type ResolvedTrunk } from './resolve.ts';
import { status } from './status.ts';

/** Trunk: a carrier, by which calls come and go. */
export const trunk = {
  evaluate: evaluateTrunks,
  unserved: (one, index) => refusal(one, index)?.reason,
  render,
  hasCalls: true,
  status,
} satisfies KindModule<'Trunk', ResolvedTrunk>;

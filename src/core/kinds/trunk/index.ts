import type { KindModule } from '../module.ts';
import { refusal } from './checks.ts';
import { render } from './render.ts';
import { evaluateTrunks, type ResolvedTrunk } from './resolve.ts';
import { status } from './status.ts';

/** Trunk: the connection to a carrier, for calls from and to outside. */
export const trunk = {
  evaluate: evaluateTrunks,
  unserved: (one, index) => refusal(one, index)?.reason,
  render,
  hasCalls: true,
  status,
} satisfies KindModule<'Trunk', ResolvedTrunk>;

import type { Operation } from '../../api/operation.ts';
import type { Logger } from '../../runtime/log.ts';
import { drain } from './drain.ts';
import type { Drainer } from './drainer.ts';
import { undrain } from './undrain.ts';

/** What operations are done with. */
export interface Means {
  readonly drainer: Drainer;
  /** For whoever names no other deadline. */
  readonly drainDeadlineMs: number;
  readonly log: Logger;
}

/** Does one, and resolves with the HTTP status to answer with. Rejects: it did not come about. */
export type Handler<Verb extends Operation['verb']> = (
  operation: Extract<Operation, { verb: Verb }>,
  means: Means,
  signal: AbortSignal,
) => Promise<number>;

/** All that an operator may ask for, by verb. */
const OPERATIONS: { readonly [Verb in Operation['verb']]: Handler<Verb> } = { drain, undrain };

export function perform(operation: Operation, means: Means, signal: AbortSignal): Promise<number> {
  const handler = OPERATIONS[operation.verb] as Handler<Operation['verb']>;
  return handler(operation as never, means, signal);
}

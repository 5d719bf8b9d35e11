import type { Operation } from '../../api/operation.ts';
import type { Logger } from '../../runtime/log.ts';
import { drain } from './drain.ts';
import type { Drainer } from './drainer.ts';
import { undrain } from './undrain.ts';

/** What the handlers of operations need. */
export interface Means {
  readonly drainer: Drainer;
  /** Deadline of a drain whose request has none. */
  readonly drainDeadlineMs: number;
  readonly log: Logger;
}

/** Carries out an operation, and resolves with the HTTP status for the answer. Rejects when it failed. */
export type Handler<Verb extends Operation['verb']> = (
  operation: Extract<Operation, { verb: Verb }>,
  means: Means,
  signal: AbortSignal,
) => Promise<number>;

/** The handlers of all operations, by verb. */
const OPERATIONS: { readonly [Verb in Operation['verb']]: Handler<Verb> } = { drain, undrain };

export function perform(operation: Operation, means: Means, signal: AbortSignal): Promise<number> {
  const handler = OPERATIONS[operation.verb] as Handler<Operation['verb']>;
  return handler(operation as never, means, signal);
}

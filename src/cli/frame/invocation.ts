import type { Command } from 'commander';

/** One run of the command line. */
export interface Invocation {
  /** What a person typed to get here: `ringfleet`, `kubectl ringfleet`. */
  readonly name: string;
  /** Given first, instead of a cluster. */
  readonly directory?: string;
  /** Aborted when the run has ended. */
  readonly signal: AbortSignal;
  /** A line of the answer. */
  readonly say: (line: string) => void;
  /** A line beside the answer: what was noticed, what takes long. */
  readonly note: (line: string) => void;
}

/** A verb: adds itself to the program. What its action returns is the exit code. */
export type Verb = (program: Command, invocation: Invocation, act: Act) => void;

/** Makes an action of commander from one that returns an exit code. */
export type Act = <A extends readonly unknown[]>(
  action: (...given: A) => Promise<number> | number,
) => (...given: A) => Promise<void>;

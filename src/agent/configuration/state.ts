import type { AgentReport } from '../../api/report.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import type { Current } from './current.ts';
import type { GoodConfiguration } from './state-files.ts';

/**
 * The states of the agent's configuration: which bundle is wanted, which is in force, which was rejected; and what follows
 * from a state. Pure. `transitions.ts` has the transitions between them.
 */
export interface State {
  readonly wanted: Wanted;
  readonly inForce: InForce;
  /** The last bundle that was rejected as a whole; never the one in force. */
  readonly rejected: Rejection | undefined;
  /** The last known good: Asterisk boots with it. It is also on disk. */
  readonly good: GoodConfiguration | undefined;
  /** A result that `apply` has not returned yet: it may fail in a later step, and returns the result the next time. */
  readonly pendingResult: Result | undefined;
}

/** The newest bundle. `failure`: why it is not in force yet, while it is tried again. */
export type Wanted =
  /** There was none yet. */
  | { readonly is: 'Nothing' }
  /** It is of a later release, which this agent cannot read. */
  | { readonly is: 'Unreadable'; readonly generation: string; readonly failure: string }
  | { readonly is: 'Bundle'; readonly bundle: CompleteBundle; readonly failure?: string }
  /** It was rejected, or is in force without some objects. A throw-away Asterisk loads more of it now, so it is loaded again. */
  | { readonly is: 'Renewed'; readonly bundle: CompleteBundle; readonly failure?: string };

/** The configuration on disk, which an Asterisk that starts would read, and whether the running one has loaded it. */
export type InForce =
  | { readonly is: 'Nothing' }
  /** Perhaps not loaded. `loaded`: the last generation that the running one is known to have had. */
  | (Put & { readonly is: 'Unread'; readonly loaded: string | undefined })
  /** Loaded; calls and contacts of removed endpoints may still be there. `loaded`: the generation before. */
  | (Put & { readonly is: 'Read'; readonly loaded: string | undefined })
  /** Loaded, and removed endpoints are disconnected. */
  | (Put & { readonly is: 'Loaded' });

interface Put {
  readonly current: Current;
  /** Names of the files on disk that are old, because a change of them waits for a roll. */
  readonly restartPending: readonly string[];
  /** The result of the restart check. */
  readonly restartSafe: AgentReport['restartSafe'];
}

export type Rejection =
  | { readonly is: 'Rejected'; readonly generation: string; readonly error: string }
  /** Rejected because a throw-away Asterisk did not boot, for which the machine may be the cause. It is tried again soon. */
  | { readonly is: 'Suspect'; readonly generation: string; readonly error: string; readonly bundle: CompleteBundle };

export type Result = 'loaded' | 'reverted';

export type Verdict = AgentReport['restartSafe'];

export const INITIAL: State = {
  wanted: { is: 'Nothing' },
  inForce: { is: 'Nothing' },
  rejected: undefined,
  good: undefined,
  pendingResult: undefined,
};

export const NOT_CHECKED: Verdict = { status: 'Unknown', message: '' };
export const TO_BE_CHECKED: Verdict = { status: 'Unknown', message: 'To be checked' };
export const BOOTS: Verdict = { status: 'True', message: '' };
export const GOOD_IN_FORCE: Verdict = { status: 'True', message: 'The last known good configuration is in force' };

/** The last generation that the live Asterisk is known to have had, with removed endpoints disconnected; undefined: none. */
export function loadedOf(inForce: InForce): string | undefined {
  if (inForce.is === 'Nothing') return undefined;
  return inForce.is === 'Loaded' ? inForce.current.candidate.generation : inForce.loaded;
}

export function generationOf(wanted: Wanted): string | undefined {
  if (wanted.is === 'Nothing') return undefined;
  return wanted.is === 'Unreadable' ? wanted.generation : wanted.bundle.manifest.generation;
}

/** Whether a readable bundle is wanted, and, if a generation is given, that one. */
export function isBundle(
  wanted: Wanted,
  generation?: string,
): wanted is Extract<Wanted, { readonly bundle: CompleteBundle }> {
  const isOne = wanted.is === 'Bundle' || wanted.is === 'Renewed';
  return isOne && (generation === undefined || wanted.bundle.manifest.generation === generation);
}

export function generationIn(inForce: InForce): string | undefined {
  return inForce.is === 'Nothing' ? undefined : inForce.current.candidate.generation;
}

/** Whether the live Asterisk has loaded that generation. */
export function hasRead(inForce: InForce, generation: string): boolean {
  return (inForce.is === 'Read' || inForce.is === 'Loaded') && inForce.current.candidate.generation === generation;
}

/** Whether the restart check has nothing to do. */
export function isSettled({ inForce, rejected }: State): boolean {
  return inForce.is !== 'Nothing' && inForce.restartSafe.status === 'True' && rejected?.is !== 'Suspect';
}

/** What `apply` has to do: load the wanted bundle, or reapply what is in force. */
export function dueFor({ wanted, inForce, rejected }: State): 'Load' | 'Reapply' | 'Nothing' {
  const generation = generationOf(wanted);
  const isKnown = rejected?.generation === generation || generationIn(inForce) === generation;
  if (wanted.is === 'Renewed' || (wanted.is === 'Bundle' && !isKnown)) return 'Load';
  return inForce.is === 'Unread' ? 'Reapply' : 'Nothing';
}

/** Why the wanted bundle is not in force; undefined: it is, or is being loaded. */
function errorOf({ wanted, rejected }: State): string | undefined {
  if (wanted.is === 'Nothing') return undefined;
  return rejected && rejected.generation === generationOf(wanted) ? rejected.error : wanted.failure;
}

/** The part of the report about the configuration. `sequence`: the highest of a bundle that was taken. */
export function configurationReport(
  state: State,
  sequence?: number,
): Pick<AgentReport, 'bundle' | 'restartSafe' | 'quarantined'> {
  const { wanted, inForce } = state;
  const seen = generationOf(wanted);
  const loaded = loadedOf(inForce);
  const error = errorOf(state);
  const isThere = inForce.is !== 'Nothing';
  return {
    bundle: {
      ...(seen === undefined ? {} : { seen }),
      ...(loaded === undefined ? {} : { loaded }),
      ...(sequence === undefined ? {} : { sequence }),
      restartPending: isThere ? [...inForce.restartPending] : [],
      ...(error === undefined ? {} : { error }),
    },
    restartSafe: isThere ? inForce.restartSafe : NOT_CHECKED,
    quarantined: isThere ? inForce.current.candidate.quarantined() : [],
  };
}

import type { AgentReport } from '../../api/report.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import type { Current } from './current.ts';
import type { GoodConfiguration } from './state-files.ts';

/**
 * What the agent knows of its configuration: which is wanted, which is in force, what was rejected. All legal states, and
 * what follows from each. Pure: `transitions.ts` leads from one to the next.
 */
export interface State {
  readonly wanted: Wanted;
  readonly inForce: InForce;
  /** Never what is in force. */
  readonly rejected: Rejection | undefined;
  /** Kept on disk over restarts: what Asterisk is known to boot with. */
  readonly good: GoodConfiguration | undefined;
  /** What became of a bundle, until whoever applied it hears of it: an apply may fail after that. */
  readonly pendingResult: Result | undefined;
}

/** What the operator wants last. `failure`: why it is not in force yet, although it is tried again. */
export type Wanted =
  /** Nobody said so far. */
  | { readonly is: 'Nothing' }
  /** It is of a later release. */
  | { readonly is: 'Unreadable'; readonly generation: string; readonly failure: string }
  | { readonly is: 'Bundle'; readonly bundle: CompleteBundle; readonly failure?: string }
  /** It was rejected, or is in force without some objects, and a throw-away Asterisk takes more of it now: to be loaded. */
  | { readonly is: 'Renewed'; readonly bundle: CompleteBundle; readonly failure?: string };

/** What an Asterisk that starts would read, and how much of that the running one has. */
export type InForce =
  | { readonly is: 'Nothing' }
  /** The running one may have something else. `loaded`: the generation that it had when that was known last. */
  | (Put & { readonly is: 'Unread'; readonly loaded: string | undefined })
  /** It has it; calls and contacts of removed endpoints may still be there. */
  | (Put & { readonly is: 'Read'; readonly loaded: string | undefined })
  /** It has it, and nothing of what was before. */
  | (Put & { readonly is: 'Loaded' });

interface Put {
  readonly current: Current;
  /** Names of files whose change waits for a roll. */
  readonly restartPending: readonly string[];
  /** The verdict of the restart check on it. */
  readonly restartSafe: AgentReport['restartSafe'];
}

export type Rejection =
  | { readonly is: 'Rejected'; readonly generation: string; readonly error: string }
  /** By throw-away Asterisks alone, and no object is to blame: it may have been the machine. To be tried again soon. */
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

/** The generation that the live Asterisk is known to have had last, with nothing of what was before; undefined: of none. */
export function loadedOf(inForce: InForce): string | undefined {
  if (inForce.is === 'Nothing') return undefined;
  return inForce.is === 'Loaded' ? inForce.current.candidate.generation : inForce.loaded;
}

export function generationOf(wanted: Wanted): string | undefined {
  if (wanted.is === 'Nothing') return undefined;
  return wanted.is === 'Unreadable' ? wanted.generation : wanted.bundle.manifest.generation;
}

/** Whether it is a bundle that can be loaded; with a generation: that one. */
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

/** Whether the live Asterisk has that generation. */
export function hasRead(inForce: InForce, generation: string): boolean {
  return (inForce.is === 'Read' || inForce.is === 'Loaded') && inForce.current.candidate.generation === generation;
}

/** Nothing is left for the restart check. */
export function isSettled({ inForce, rejected }: State): boolean {
  return inForce.is !== 'Nothing' && inForce.restartSafe.status === 'True' && rejected?.is !== 'Suspect';
}

/** What is to be done so that what is wanted is in the live Asterisk. */
export function dueFor({ wanted, inForce, rejected }: State): 'Load' | 'Reapply' | 'Nothing' {
  const generation = generationOf(wanted);
  const isKnown = rejected?.generation === generation || generationIn(inForce) === generation;
  if (wanted.is === 'Renewed' || (wanted.is === 'Bundle' && !isKnown)) return 'Load';
  return inForce.is === 'Unread' ? 'Reapply' : 'Nothing';
}

/** Why what is wanted is not in force; undefined: it is, or is on its way. */
function errorOf({ wanted, rejected }: State): string | undefined {
  if (wanted.is === 'Nothing') return undefined;
  return rejected && rejected.generation === generationOf(wanted) ? rejected.error : wanted.failure;
}

/** What the agent reports of it. `sequence`: the highest of a bundle that was taken. */
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

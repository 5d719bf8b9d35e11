import type { CompleteBundle } from './bundle-reader.ts';
import type { Current } from './current.ts';
import {
  GOOD_IN_FORCE,
  generationIn,
  generationOf,
  hasRead,
  type InForce,
  isBundle,
  loadedOf,
  NOT_CHECKED,
  type Rejection,
  type State,
  TO_BE_CHECKED,
  type Verdict,
  type Wanted,
} from './state.ts';
import type { GoodConfiguration } from './state-files.ts';

/**
 * How one state of the configuration follows from another. Pure: `configuration.ts` asks Asterisk and writes to disk, and
 * tells what came of it here, as events.
 */
export type Event =
  | { readonly is: 'StateRead'; readonly good: GoodConfiguration | undefined }
  | { readonly is: 'BundleCame'; readonly bundle: CompleteBundle }
  | { readonly is: 'UnreadableBundleCame'; readonly generation: string; readonly failure: string }
  /** Before the first boot of Asterisk. */
  | { readonly is: 'RejectedBeforeBoot'; readonly rejection: Rejection }
  /** On disk for the first boot. `isUnread`: it was not tried now, so what the live one makes of it is to be seen. */
  | { readonly is: 'Installed'; readonly current: Current; readonly isUnread: boolean; readonly restartSafe: Verdict }
  /** The wanted bundle goes into the live Asterisk. */
  | { readonly is: 'LoadBegan' }
  /** Asterisk did not answer, and what was in force is on disk again. */
  | { readonly is: 'LoadFailed' }
  | { readonly is: 'Loaded'; readonly current: Current; readonly restartPending: readonly string[] }
  /** It makes way for what is in force, or for the last known good, which is on disk again; undefined: there is none. */
  | { readonly is: 'Reverted'; readonly generation: string; readonly error: string; readonly to: Fallback | undefined }
  /** What is in force was brought into the live Asterisk; `ok`: and all of it is there. */
  | { readonly is: 'Reapplied'; readonly ok: boolean; readonly restartPending: readonly string[] }
  /** Nothing of removed endpoints is left, or nobody waits for it any more. */
  | { readonly is: 'CleanedUp' }
  | { readonly is: 'ApplyFailed'; readonly generation: string; readonly failure: string }
  | { readonly is: 'ResultTaken' }
  /** The restart check of `current`. `isOther`: it left out more than is loaded. */
  | { readonly is: 'Checked'; readonly current: Current; readonly restartSafe: Verdict; readonly isOther: boolean }
  | { readonly is: 'GoodKept'; readonly good: GoodConfiguration }
  /** Asterisk would not start with what is in force: the last known good is on disk instead. */
  | { readonly is: 'RolledBack'; readonly from: Current; readonly error: string; readonly to: Fallback }
  /** What was suspect boots. */
  | { readonly is: 'SuspectBooted'; readonly generation: string }
  /** A throw-away Asterisk took more of what is wanted than is in force. */
  | { readonly is: 'RetryBooted'; readonly generation: string };

interface Fallback {
  readonly current: Current;
  readonly restartPending: readonly string[];
}

/** An event that cannot come in a state: a mistake in the program. */
export class IllegalTransitionError extends Error {
  constructor(state: State, event: Event) {
    super(`Event ${event.is} came while wanted was ${state.wanted.is} and in force was ${state.inForce.is}`);
    this.name = 'IllegalTransitionError';
  }
}

export function next(state: State, event: Event): State {
  const { wanted, inForce, rejected } = state;
  switch (event.is) {
    case 'StateRead':
      mustBe(inForce.is === 'Nothing', state, event);
      return { ...state, good: event.good };
    case 'BundleCame':
      return { ...state, wanted: want(wanted, event.bundle) };
    case 'UnreadableBundleCame':
      return { ...state, wanted: { is: 'Unreadable', generation: event.generation, failure: event.failure } };
    case 'RejectedBeforeBoot':
      mustBe(inForce.is === 'Nothing' && event.rejection.generation === generationOf(wanted), state, event);
      return { ...state, rejected: event.rejection };
    case 'Installed': {
      mustBe(inForce.is === 'Nothing', state, event);
      const { current, isUnread, restartSafe } = event;
      const put = { current, restartPending: [], restartSafe, loaded: undefined };
      return adopted(state, { is: isUnread ? 'Unread' : 'Read', ...put });
    }
    case 'LoadBegan':
      mustBe(isBundle(wanted), state, event);
      return { ...state, wanted: { ...wanted, is: 'Bundle' } };
    case 'LoadFailed':
      mustBe(isBundle(wanted), state, event);
      return { ...state, inForce: unread(inForce) };
    case 'Loaded': {
      const { current, restartPending } = event;
      mustBe(isBundle(wanted, current.candidate.generation), state, event);
      const put = { current, restartPending, restartSafe: TO_BE_CHECKED, loaded: loadedOf(inForce) };
      return { ...adopted(state, { is: 'Read', ...put }), pendingResult: 'loaded' };
    }
    case 'Reverted': {
      const { generation, error, to } = event;
      mustBe(isBundle(wanted, generation), state, event);
      mustBe(inForce.is === 'Nothing' || inForce.current.candidate === to?.current.candidate, state, event);
      const refused: State = { ...state, rejected: { is: 'Rejected', generation, error }, pendingResult: 'reverted' };
      const restartSafe = inForce.is === 'Nothing' ? NOT_CHECKED : inForce.restartSafe;
      return to ? adopted(refused, { is: 'Unread', ...to, restartSafe, loaded: loadedOf(inForce) }) : refused;
    }
    case 'Reapplied': {
      mustBe(inForce.is === 'Unread', state, event);
      const { ok, restartPending } = event;
      const again = adopted(state, { ...inForce, is: ok ? 'Read' : 'Unread', restartPending });
      return ok ? { ...again, pendingResult: state.pendingResult ?? 'loaded' } : again;
    }
    case 'CleanedUp':
      return inForce.is === 'Read' ? { ...state, inForce: loaded(inForce) } : state;
    case 'ApplyFailed': {
      const isWanted =
        event.generation === generationOf(wanted) && wanted.is !== 'Unreadable' && wanted.is !== 'Nothing';
      // what is rejected says why; what the live Asterisk has did not fail, whatever else did
      const isKnown = rejected?.generation === event.generation || hasRead(inForce, event.generation);
      return isWanted && !isKnown ? { ...state, wanted: { ...wanted, failure: event.failure } } : state;
    }
    case 'ResultTaken':
      return { ...state, pendingResult: undefined };
    case 'Checked': {
      if (inForce.is === 'Nothing' || inForce.current !== event.current) return state; // another one came meanwhile
      const checked = { ...inForce, restartSafe: event.restartSafe };
      return { ...state, inForce: event.isOther ? unread(checked) : checked };
    }
    case 'GoodKept':
      return { ...state, good: event.good };
    case 'RolledBack': {
      mustBe(inForce.is !== 'Nothing' && inForce.current === event.from, state, event);
      mustBe(event.to.current.candidate.generation !== event.from.candidate.generation, state, event);
      const { generation } = event.from.candidate;
      const put = { ...event.to, restartSafe: GOOD_IN_FORCE, loaded: loadedOf(inForce) };
      return adopted(
        { ...state, rejected: { is: 'Rejected', generation, error: event.error } },
        { is: 'Unread', ...put },
      );
    }
    case 'SuspectBooted': {
      if (rejected?.is !== 'Suspect' || rejected.generation !== event.generation) return state;
      if (!isBundle(wanted, event.generation)) return { ...state, rejected: undefined };
      return { ...state, rejected: undefined, wanted: { ...wanted, failure: rejected.error } }; // until it is in force
    }
    case 'RetryBooted': {
      const isRejected = rejected?.is === 'Rejected' && rejected.generation === event.generation;
      const isThere = isRejected || generationIn(inForce) === event.generation;
      if (!isBundle(wanted, event.generation) || !isThere) return state;
      return { ...state, wanted: { ...wanted, is: 'Renewed' } };
    }
  }
}

function mustBe(isLegal: boolean, state: State, event: Event): asserts isLegal {
  if (!isLegal) throw new IllegalTransitionError(state, event);
}

/** The same one again changes nothing of what is known of it. */
function want(before: Wanted, bundle: CompleteBundle): Wanted {
  return isBundle(before, bundle.manifest.generation) ? { ...before, bundle } : { is: 'Bundle', bundle };
}

/** With another one in force, or the same one anew. What is wanted is in force then, or it is not. */
function adopted(state: State, inForce: Exclude<InForce, { is: 'Nothing' }>): State {
  const { wanted } = state;
  const { generation } = inForce.current.candidate;
  if (generation === generationOf(wanted))
    return { ...state, inForce, rejected: undefined, wanted: withoutFailure(wanted) };
  const rejected = state.rejected?.generation === generation ? undefined : state.rejected;
  return { ...state, inForce, rejected };
}

function withoutFailure(wanted: Wanted): Wanted {
  return isBundle(wanted) ? { is: wanted.is, bundle: wanted.bundle } : wanted;
}

function unread(inForce: InForce): InForce {
  if (inForce.is === 'Nothing') return inForce;
  const { current, restartPending, restartSafe } = inForce;
  return { is: 'Unread', current, restartPending, restartSafe, loaded: loadedOf(inForce) };
}

function loaded({ current, restartPending, restartSafe }: Exclude<InForce, { is: 'Nothing' }>): InForce {
  return { is: 'Loaded', current, restartPending, restartSafe };
}

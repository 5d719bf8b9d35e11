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
 * The transitions between the states of the configuration. Pure: `configuration.ts` asks Asterisk and writes to disk, and
 * its results come here as events.
 */
export type Event =
  | { readonly is: 'StateRead'; readonly good: GoodConfiguration | undefined }
  | { readonly is: 'BundleCame'; readonly bundle: CompleteBundle }
  | { readonly is: 'UnreadableBundleCame'; readonly generation: string; readonly failure: string }
  /** The wanted bundle was rejected before the first boot of Asterisk. */
  | { readonly is: 'RejectedBeforeBoot'; readonly rejection: Rejection }
  /** It is on disk for the first boot. `isUnread`: it was not checked now, so the live Asterisk must be asked what it loaded. */
  | { readonly is: 'Installed'; readonly current: Current; readonly isUnread: boolean; readonly restartSafe: Verdict }
  /** The agent began to load the wanted bundle into the live Asterisk. */
  | { readonly is: 'LoadBegan' }
  /** Asterisk did not answer, or refused the bundle. It may have read some of it. */
  | { readonly is: 'LoadFailed' }
  | { readonly is: 'Loaded'; readonly current: Current; readonly restartPending: readonly string[] }
  /** A bundle was rejected. `to`: what is on disk again, the configuration before or the last known good; undefined: neither. */
  | { readonly is: 'Reverted'; readonly generation: string; readonly error: string; readonly to: Fallback | undefined }
  /** The live Asterisk was made to load what is in force; `ok`: it has all of it. */
  | { readonly is: 'Reapplied'; readonly ok: boolean; readonly restartPending: readonly string[] }
  /** Removed endpoints are disconnected, or this is not waited for any more. */
  | { readonly is: 'CleanedUp' }
  | { readonly is: 'ApplyFailed'; readonly generation: string; readonly failure: string }
  | { readonly is: 'ResultTaken' }
  /** The result of the restart check of `current`. `isOther`: the check excluded more objects. */
  | { readonly is: 'Checked'; readonly current: Current; readonly restartSafe: Verdict; readonly isOther: boolean }
  | { readonly is: 'GoodKept'; readonly good: GoodConfiguration }
  /** Asterisk would not boot with what was in force: the last known good is on disk instead. */
  | { readonly is: 'RolledBack'; readonly from: Current; readonly error: string; readonly to: Fallback }
  /** A throw-away Asterisk booted with a suspect bundle. */
  | { readonly is: 'SuspectBooted'; readonly generation: string }
  /** A throw-away Asterisk loaded more of the wanted bundle than is in force. */
  | { readonly is: 'RetryBooted'; readonly generation: string };

interface Fallback {
  readonly current: Current;
  readonly restartPending: readonly string[];
}

/** An event that is not possible in a state, because of a bug. */
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
      // A rejected bundle has its own error. One that the live Asterisk has loaded did not fail; the clean-up did.
      const isKnown = rejected?.generation === event.generation || hasRead(inForce, event.generation);
      return isWanted && !isKnown ? { ...state, wanted: { ...wanted, failure: event.failure } } : state;
    }
    case 'ResultTaken':
      return { ...state, pendingResult: undefined };
    case 'Checked': {
      if (inForce.is === 'Nothing' || inForce.current !== event.current) return state; // another one is in force now
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

/** The same bundle again does not change what is known about it. */
function want(before: Wanted, bundle: CompleteBundle): Wanted {
  return isBundle(before, bundle.manifest.generation) ? { ...before, bundle } : { is: 'Bundle', bundle };
}

/** The state with another configuration in force, or the same one again. What is in force is not rejected and has not failed. */
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

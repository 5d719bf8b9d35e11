import { Candidate } from '../src/agent/configuration/candidate.ts';
import { type Current, currentOf } from '../src/agent/configuration/current.ts';
import {
  BOOTS,
  GOOD_IN_FORCE,
  INITIAL,
  type InForce,
  type Rejection,
  type State,
  type Wanted,
} from '../src/agent/configuration/state.ts';
import type { Event } from '../src/agent/configuration/transitions.ts';
import { bundle, GOOD, NEW, SECTIONS } from './scripted-asterisk.ts';

/** States of an agent's configuration, and events that may come, by the names that the table of transitions has for them. */

const current = (generation: string): Current => currentOf(new Candidate(generation, SECTIONS, []), bundle(generation));
const [good, other] = [current(GOOD), current(NEW)];
/** For another bundle that did not come into force. */
const [still, same] = [{ ...good }, { ...other }];
const put = { restartPending: [], restartSafe: BOOTS };
const UNKNOWN = '00000000000000ff';

const wants = (generation: string, failure?: string): Wanted => ({
  is: 'Bundle',
  bundle: bundle(generation),
  ...(failure === undefined ? {} : { failure }),
});
const renewed: Wanted = { is: 'Renewed', bundle: bundle(NEW) };
const unreadable: Wanted = { is: 'Unreadable', generation: UNKNOWN, failure: 'It is of a later release' };
const unread = (one: Current, loaded?: string): InForce => ({ is: 'Unread', current: one, loaded, ...put });
const read = (one: Current, loaded?: string): InForce => ({ is: 'Read', current: one, loaded, ...put });
const loaded = (one: Current): InForce => ({ is: 'Loaded', current: one, ...put });
const rejected: Rejection = { is: 'Rejected', generation: NEW, error: 'Refused' };
const suspect: Rejection = { is: 'Suspect', generation: NEW, error: 'Did not boot', bundle: bundle(NEW) };

export const STATES = {
  empty: INITIAL,
  'at boot': { ...INITIAL, wanted: wants(NEW) },
  'refused at boot': { ...INITIAL, wanted: wants(NEW), rejected: suspect },
  'ready to start': { ...INITIAL, wanted: wants(NEW), inForce: read(other) },
  'ready unproven': { ...INITIAL, wanted: wants(NEW), inForce: unread(other) },
  'in force': { ...INITIAL, wanted: wants(NEW), inForce: loaded(other) },
  edited: { ...INITIAL, wanted: wants(NEW), inForce: loaded(good) },
  'load failed': { ...INITIAL, wanted: wants(NEW, 'Timeout'), inForce: unread(good, GOOD) },
  'to clean up': { ...INITIAL, wanted: wants(NEW), inForce: read(other, GOOD), pendingResult: 'loaded' },
  reverting: { ...INITIAL, wanted: wants(NEW), inForce: unread(good, GOOD), rejected, pendingResult: 'reverted' },
  reverted: { ...INITIAL, wanted: wants(NEW), inForce: loaded(good), rejected },
  suspected: { ...INITIAL, wanted: wants(NEW), inForce: loaded(good), rejected: suspect },
  'to be retried': { ...INITIAL, wanted: renewed, inForce: loaded(good), rejected },
  'to be completed': { ...INITIAL, wanted: renewed, inForce: loaded(other) },
  'rolled back': { ...INITIAL, wanted: wants(NEW), inForce: unread(good, NEW), rejected },
  'edit taken back': { ...INITIAL, wanted: wants(GOOD), inForce: loaded(good), rejected },
  'a later release': { ...INITIAL, wanted: unreadable, inForce: loaded(good) },
} as const satisfies Record<string, State>;

export const EVENTS = {
  StateRead: { is: 'StateRead', good: { generation: GOOD, parts: SECTIONS } },
  'BundleCame NEW': { is: 'BundleCame', bundle: bundle(NEW) },
  'BundleCame GOOD': { is: 'BundleCame', bundle: bundle(GOOD) },
  UnreadableBundleCame: { is: 'UnreadableBundleCame', generation: UNKNOWN, failure: 'It is of a later release' },
  RejectedBeforeBoot: { is: 'RejectedBeforeBoot', rejection: suspect },
  'Installed NEW, tried': { is: 'Installed', current: other, isUnread: false, restartSafe: BOOTS },
  'Installed NEW, of before': { is: 'Installed', current: other, isUnread: true, restartSafe: BOOTS },
  'Installed GOOD': { is: 'Installed', current: good, isUnread: false, restartSafe: GOOD_IN_FORCE },
  LoadBegan: { is: 'LoadBegan' },
  LoadFailed: { is: 'LoadFailed' },
  'Loaded NEW': { is: 'Loaded', current: same, restartPending: ['cdr.conf'] },
  'Reverted NEW to GOOD': {
    is: 'Reverted',
    generation: NEW,
    error: 'Refused',
    to: { current: still, restartPending: [] },
  },
  'Reverted NEW to itself': {
    is: 'Reverted',
    generation: NEW,
    error: 'Refused',
    to: { current: same, restartPending: [] },
  },
  'Reverted NEW to nothing': { is: 'Reverted', generation: NEW, error: 'Refused', to: undefined },
  Reapplied: { is: 'Reapplied', ok: true, restartPending: [] },
  'Reapplied in vain': { is: 'Reapplied', ok: false, restartPending: [] },
  CleanedUp: { is: 'CleanedUp' },
  'ApplyFailed NEW': { is: 'ApplyFailed', generation: NEW, failure: 'No answer' },
  'ApplyFailed GOOD': { is: 'ApplyFailed', generation: GOOD, failure: 'No answer' },
  ResultTaken: { is: 'ResultTaken' },
  'Checked GOOD, boots': { is: 'Checked', current: good, restartSafe: BOOTS, isOther: false },
  'Checked GOOD, without an object': { is: 'Checked', current: good, restartSafe: BOOTS, isOther: true },
  'Checked NEW, does not boot': {
    is: 'Checked',
    current: other,
    restartSafe: { status: 'False', message: 'Did not boot' },
    isOther: false,
  },
  GoodKept: { is: 'GoodKept', good: { generation: NEW, parts: SECTIONS } },
  'RolledBack NEW to GOOD': {
    is: 'RolledBack',
    from: other,
    error: 'Does not boot',
    to: { current: good, restartPending: [] },
  },
  'RolledBack NEW to itself': {
    is: 'RolledBack',
    from: other,
    error: 'Does not boot',
    to: { current: same, restartPending: [] },
  },
  'SuspectBooted NEW': { is: 'SuspectBooted', generation: NEW },
  'RetryBooted NEW': { is: 'RetryBooted', generation: NEW },
} as const satisfies Record<string, Event>;

const NAMES: Readonly<Record<string, string>> = { [GOOD]: 'GOOD', [NEW]: 'NEW', [UNKNOWN]: 'UNKNOWN' };

function wantedWords(wanted: Wanted): string {
  if (wanted.is === 'Nothing') return 'nothing';
  if (wanted.is === 'Unreadable') return `unreadable ${NAMES[wanted.generation]}`;
  const name = `${wanted.is === 'Renewed' ? 'renewed ' : ''}${NAMES[wanted.bundle.manifest.generation]}`;
  return wanted.failure === undefined ? name : `${name} (${wanted.failure})`;
}

function inForceWords(inForce: InForce): string {
  if (inForce.is === 'Nothing') return 'nothing';
  const name = `${inForce.is.toLowerCase()} ${NAMES[inForce.current.candidate.generation]}`;
  const had = inForce.is === 'Loaded' || inForce.loaded === undefined ? '' : ` had ${NAMES[inForce.loaded]}`;
  const pending = inForce.restartPending.length === 0 ? '' : ` pending ${inForce.restartPending}`;
  const { status, message } = inForce.restartSafe;
  const safe = status === 'True' ? (message === '' ? '' : ' as last good') : ` ${status} ${message}`.trimEnd();
  return `${name}${had}${pending}${safe}`;
}

/** What is wanted, in force, rejected (with why), last good, and still to be told. */
export function words({ wanted, inForce, rejected: no, good: kept, pendingResult }: State): string {
  const all = [
    `${wantedWords(wanted)} | ${inForceWords(inForce)}`,
    no && `${no.is === 'Suspect' ? 'suspect' : 'rejected'} ${NAMES[no.generation]} (${no.error})`,
    kept && `good ${NAMES[kept.generation]}`,
    pendingResult && `tell ${pendingResult}`,
  ];
  return all.filter(one => one !== undefined).join(' | ');
}

import { describe, expect, it } from 'vitest';
import { EVENTS, STATES, words } from '../../../test/configuration-states.ts';
import type { State } from './state.ts';
import { IllegalTransitionError, next } from './transitions.ts';

/** Every state with every event: what follows, what cannot be, and what changes nothing on purpose. */

type Name = keyof typeof STATES;
/** `illegal`: it cannot come then. What is named nowhere changes nothing. */
interface Row {
  readonly illegal?: readonly Name[];
  readonly to: Readonly<Partial<Record<Name, string>>>;
}

const ALL = Object.keys(STATES) as Name[];
const THERE = ALL.filter(name => STATES[name].inForce.is !== 'Nothing');
const NOT_UNREAD = ALL.filter(name => STATES[name].inForce.is !== 'Unread');
const NO_BUNDLE: readonly Name[] = ['empty', 'a later release'];

const TABLE: Readonly<Record<keyof typeof EVENTS, Row>> = {
  StateRead: {
    illegal: THERE,
    to: {
      empty: 'nothing | nothing | good GOOD',
      'at boot': 'NEW | nothing | good GOOD',
      'refused at boot': 'NEW | nothing | suspect NEW (Did not boot) | good GOOD',
    },
  },
  'BundleCame NEW': {
    to: {
      empty: 'NEW | nothing',
      'edit taken back': 'NEW | loaded GOOD | rejected NEW (Refused)',
      'a later release': 'NEW | loaded GOOD',
    },
  },
  'BundleCame GOOD': {
    to: {
      empty: 'GOOD | nothing',
      'at boot': 'GOOD | nothing',
      'refused at boot': 'GOOD | nothing | suspect NEW (Did not boot)',
      'ready to start': 'GOOD | read NEW',
      'ready unproven': 'GOOD | unread NEW',
      'in force': 'GOOD | loaded NEW',
      edited: 'GOOD | loaded GOOD',
      'load failed': 'GOOD | unread GOOD had GOOD',
      'to clean up': 'GOOD | read NEW had GOOD | tell loaded',
      reverting: 'GOOD | unread GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      reverted: 'GOOD | loaded GOOD | rejected NEW (Refused)',
      suspected: 'GOOD | loaded GOOD | suspect NEW (Did not boot)',
      'to be retried': 'GOOD | loaded GOOD | rejected NEW (Refused)',
      'to be completed': 'GOOD | loaded NEW',
      'rolled back': 'GOOD | unread GOOD had NEW | rejected NEW (Refused)',
      'a later release': 'GOOD | loaded GOOD',
    },
  },
  UnreadableBundleCame: {
    to: {
      empty: 'unreadable UNKNOWN | nothing',
      'at boot': 'unreadable UNKNOWN | nothing',
      'refused at boot': 'unreadable UNKNOWN | nothing | suspect NEW (Did not boot)',
      'ready to start': 'unreadable UNKNOWN | read NEW',
      'ready unproven': 'unreadable UNKNOWN | unread NEW',
      'in force': 'unreadable UNKNOWN | loaded NEW',
      edited: 'unreadable UNKNOWN | loaded GOOD',
      'load failed': 'unreadable UNKNOWN | unread GOOD had GOOD',
      'to clean up': 'unreadable UNKNOWN | read NEW had GOOD | tell loaded',
      reverting: 'unreadable UNKNOWN | unread GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      reverted: 'unreadable UNKNOWN | loaded GOOD | rejected NEW (Refused)',
      suspected: 'unreadable UNKNOWN | loaded GOOD | suspect NEW (Did not boot)',
      'to be retried': 'unreadable UNKNOWN | loaded GOOD | rejected NEW (Refused)',
      'to be completed': 'unreadable UNKNOWN | loaded NEW',
      'rolled back': 'unreadable UNKNOWN | unread GOOD had NEW | rejected NEW (Refused)',
      'edit taken back': 'unreadable UNKNOWN | loaded GOOD | rejected NEW (Refused)',
    },
  },
  RejectedBeforeBoot: {
    illegal: ['empty', ...THERE],
    to: {
      'at boot': 'NEW | nothing | suspect NEW (Did not boot)',
    },
  },
  'Installed NEW, tried': {
    illegal: THERE,
    to: {
      empty: 'nothing | read NEW',
      'at boot': 'NEW | read NEW',
      'refused at boot': 'NEW | read NEW',
    },
  },
  'Installed NEW, of before': {
    illegal: THERE,
    to: {
      empty: 'nothing | unread NEW',
      'at boot': 'NEW | unread NEW',
      'refused at boot': 'NEW | unread NEW',
    },
  },
  'Installed GOOD': {
    illegal: THERE,
    to: {
      empty: 'nothing | read GOOD as last good',
      'at boot': 'NEW | read GOOD as last good',
      'refused at boot': 'NEW | read GOOD as last good | suspect NEW (Did not boot)',
    },
  },
  LoadBegan: {
    illegal: NO_BUNDLE,
    to: {
      'to be retried': 'NEW | loaded GOOD | rejected NEW (Refused)',
      'to be completed': 'NEW | loaded NEW',
    },
  },
  LoadFailed: {
    illegal: NO_BUNDLE,
    to: {
      'ready to start': 'NEW | unread NEW',
      'in force': 'NEW | unread NEW had NEW',
      edited: 'NEW | unread GOOD had GOOD',
      'to clean up': 'NEW | unread NEW had GOOD | tell loaded',
      reverted: 'NEW | unread GOOD had GOOD | rejected NEW (Refused)',
      suspected: 'NEW | unread GOOD had GOOD | suspect NEW (Did not boot)',
      'to be retried': 'renewed NEW | unread GOOD had GOOD | rejected NEW (Refused)',
      'to be completed': 'renewed NEW | unread NEW had NEW',
      'edit taken back': 'GOOD | unread GOOD had GOOD | rejected NEW (Refused)',
    },
  },
  'Loaded NEW': {
    illegal: ['empty', 'edit taken back', 'a later release'],
    to: {
      'at boot': 'NEW | read NEW pending cdr.conf Unknown To be checked | tell loaded',
      'refused at boot': 'NEW | read NEW pending cdr.conf Unknown To be checked | tell loaded',
      'ready to start': 'NEW | read NEW pending cdr.conf Unknown To be checked | tell loaded',
      'ready unproven': 'NEW | read NEW pending cdr.conf Unknown To be checked | tell loaded',
      'in force': 'NEW | read NEW had NEW pending cdr.conf Unknown To be checked | tell loaded',
      edited: 'NEW | read NEW had GOOD pending cdr.conf Unknown To be checked | tell loaded',
      'load failed': 'NEW | read NEW had GOOD pending cdr.conf Unknown To be checked | tell loaded',
      'to clean up': 'NEW | read NEW had GOOD pending cdr.conf Unknown To be checked | tell loaded',
      reverting: 'NEW | read NEW had GOOD pending cdr.conf Unknown To be checked | tell loaded',
      reverted: 'NEW | read NEW had GOOD pending cdr.conf Unknown To be checked | tell loaded',
      suspected: 'NEW | read NEW had GOOD pending cdr.conf Unknown To be checked | tell loaded',
      'to be retried': 'renewed NEW | read NEW had GOOD pending cdr.conf Unknown To be checked | tell loaded',
      'to be completed': 'renewed NEW | read NEW had NEW pending cdr.conf Unknown To be checked | tell loaded',
      'rolled back': 'NEW | read NEW had NEW pending cdr.conf Unknown To be checked | tell loaded',
    },
  },
  'Reverted NEW to GOOD': {
    illegal: [
      'empty',
      'ready to start',
      'ready unproven',
      'in force',
      'to clean up',
      'to be completed',
      'edit taken back',
      'a later release',
    ],
    to: {
      'at boot': 'NEW | unread GOOD Unknown | rejected NEW (Refused) | tell reverted',
      'refused at boot': 'NEW | unread GOOD Unknown | rejected NEW (Refused) | tell reverted',
      edited: 'NEW | unread GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      'load failed': 'NEW (Timeout) | unread GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      reverted: 'NEW | unread GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      suspected: 'NEW | unread GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      'to be retried': 'renewed NEW | unread GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      'rolled back': 'NEW | unread GOOD had NEW | rejected NEW (Refused) | tell reverted',
    },
  },
  'Reverted NEW to itself': {
    illegal: [
      'empty',
      'edited',
      'load failed',
      'reverting',
      'reverted',
      'suspected',
      'to be retried',
      'rolled back',
      'edit taken back',
      'a later release',
    ],
    to: {
      'at boot': 'NEW | unread NEW Unknown | tell reverted',
      'refused at boot': 'NEW | unread NEW Unknown | tell reverted',
      'ready to start': 'NEW | unread NEW | tell reverted',
      'ready unproven': 'NEW | unread NEW | tell reverted',
      'in force': 'NEW | unread NEW had NEW | tell reverted',
      'to clean up': 'NEW | unread NEW had GOOD | tell reverted',
      'to be completed': 'renewed NEW | unread NEW had NEW | tell reverted',
    },
  },
  'Reverted NEW to nothing': {
    illegal: ['empty', ...THERE],
    to: {
      'at boot': 'NEW | nothing | rejected NEW (Refused) | tell reverted',
      'refused at boot': 'NEW | nothing | rejected NEW (Refused) | tell reverted',
    },
  },
  Reapplied: {
    illegal: NOT_UNREAD,
    to: {
      'ready unproven': 'NEW | read NEW | tell loaded',
      'load failed': 'NEW (Timeout) | read GOOD had GOOD | tell loaded',
      reverting: 'NEW | read GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      'rolled back': 'NEW | read GOOD had NEW | rejected NEW (Refused) | tell loaded',
    },
  },
  'Reapplied in vain': {
    illegal: NOT_UNREAD,
    to: {},
  },
  CleanedUp: {
    to: {
      'ready to start': 'NEW | loaded NEW',
      'to clean up': 'NEW | loaded NEW | tell loaded',
    },
  },
  'ApplyFailed NEW': {
    to: {
      'at boot': 'NEW (No answer) | nothing',
      'ready unproven': 'NEW (No answer) | unread NEW',
      edited: 'NEW (No answer) | loaded GOOD',
      'load failed': 'NEW (No answer) | unread GOOD had GOOD',
    },
  },
  'ApplyFailed GOOD': {
    to: {},
  },
  ResultTaken: {
    to: {
      'to clean up': 'NEW | read NEW had GOOD',
      reverting: 'NEW | unread GOOD had GOOD | rejected NEW (Refused)',
    },
  },
  'Checked GOOD, boots': {
    to: {},
  },
  'Checked GOOD, without an object': {
    to: {
      edited: 'NEW | unread GOOD had GOOD',
      reverted: 'NEW | unread GOOD had GOOD | rejected NEW (Refused)',
      suspected: 'NEW | unread GOOD had GOOD | suspect NEW (Did not boot)',
      'to be retried': 'renewed NEW | unread GOOD had GOOD | rejected NEW (Refused)',
      'edit taken back': 'GOOD | unread GOOD had GOOD | rejected NEW (Refused)',
      'a later release': 'unreadable UNKNOWN | unread GOOD had GOOD',
    },
  },
  'Checked NEW, does not boot': {
    to: {
      'ready to start': 'NEW | read NEW False Did not boot',
      'ready unproven': 'NEW | unread NEW False Did not boot',
      'in force': 'NEW | loaded NEW False Did not boot',
      'to clean up': 'NEW | read NEW had GOOD False Did not boot | tell loaded',
      'to be completed': 'renewed NEW | loaded NEW False Did not boot',
    },
  },
  GoodKept: {
    to: {
      empty: 'nothing | nothing | good NEW',
      'at boot': 'NEW | nothing | good NEW',
      'refused at boot': 'NEW | nothing | suspect NEW (Did not boot) | good NEW',
      'ready to start': 'NEW | read NEW | good NEW',
      'ready unproven': 'NEW | unread NEW | good NEW',
      'in force': 'NEW | loaded NEW | good NEW',
      edited: 'NEW | loaded GOOD | good NEW',
      'load failed': 'NEW (Timeout) | unread GOOD had GOOD | good NEW',
      'to clean up': 'NEW | read NEW had GOOD | good NEW | tell loaded',
      reverting: 'NEW | unread GOOD had GOOD | rejected NEW (Refused) | good NEW | tell reverted',
      reverted: 'NEW | loaded GOOD | rejected NEW (Refused) | good NEW',
      suspected: 'NEW | loaded GOOD | suspect NEW (Did not boot) | good NEW',
      'to be retried': 'renewed NEW | loaded GOOD | rejected NEW (Refused) | good NEW',
      'to be completed': 'renewed NEW | loaded NEW | good NEW',
      'rolled back': 'NEW | unread GOOD had NEW | rejected NEW (Refused) | good NEW',
      'edit taken back': 'GOOD | loaded GOOD | rejected NEW (Refused) | good NEW',
      'a later release': 'unreadable UNKNOWN | loaded GOOD | good NEW',
    },
  },
  'RolledBack NEW to GOOD': {
    illegal: [
      'empty',
      'at boot',
      'refused at boot',
      'edited',
      'load failed',
      'reverting',
      'reverted',
      'suspected',
      'to be retried',
      'rolled back',
      'edit taken back',
      'a later release',
    ],
    to: {
      'ready to start': 'NEW | unread GOOD as last good | rejected NEW (Does not boot)',
      'ready unproven': 'NEW | unread GOOD as last good | rejected NEW (Does not boot)',
      'in force': 'NEW | unread GOOD had NEW as last good | rejected NEW (Does not boot)',
      'to clean up': 'NEW | unread GOOD had GOOD as last good | rejected NEW (Does not boot) | tell loaded',
      'to be completed': 'renewed NEW | unread GOOD had NEW as last good | rejected NEW (Does not boot)',
    },
  },
  'RolledBack NEW to itself': {
    illegal: ALL,
    to: {},
  },
  'SuspectBooted NEW': {
    to: {
      'refused at boot': 'NEW (Did not boot) | nothing',
      suspected: 'NEW (Did not boot) | loaded GOOD',
    },
  },
  'RetryBooted NEW': {
    to: {
      'ready to start': 'renewed NEW | read NEW',
      'ready unproven': 'renewed NEW | unread NEW',
      'in force': 'renewed NEW | loaded NEW',
      'to clean up': 'renewed NEW | read NEW had GOOD | tell loaded',
      reverting: 'renewed NEW | unread GOOD had GOOD | rejected NEW (Refused) | tell reverted',
      reverted: 'renewed NEW | loaded GOOD | rejected NEW (Refused)',
      'rolled back': 'renewed NEW | unread GOOD had NEW | rejected NEW (Refused)',
    },
  },
};

describe.each(Object.entries(EVENTS))('after %s', (name, event) => {
  const { illegal = [], to } = TABLE[name as keyof typeof EVENTS];

  it.each(Object.entries(STATES) as [Name, State][])('%s', (from, state) => {
    if (illegal.includes(from)) expect(() => next(state, event)).toThrow(IllegalTransitionError);
    else expect(words(next(state, event))).toBe(to[from] ?? words(state));
  });
});

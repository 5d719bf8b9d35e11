import type { KindModule } from '../module.ts';
import { destinations } from './destinations.ts';
import { evaluateUsers, unservedUser } from './evaluation.ts';
import { render } from './render.ts';
import { labelOf, type ResolvedUser } from './resolve.ts';
import { userStatuses } from './status.ts';

/** SipUser: a user with an extension, whose phones register. There may be thousands. */
export const sipUser = {
  evaluate: evaluateUsers,
  unserved: unservedUser,
  words: ['user', 'extension', 'voicemail'],
  extension: { of: ({ spec }) => spec.extension, word: extension => `extension:${extension}`, label: labelOf },
  destinations,
  onward: {
    prefixes: ['user', 'extension'],
    key: ({ extension }) => extension,
    words: ({ onNoAnswer, onBusy, onOffline }) => [onNoAnswer, onBusy, onOffline],
    with: (user, change) => ({
      ...user,
      onNoAnswer: change(user.onNoAnswer),
      onBusy: change(user.onBusy),
      onOffline: change(user.onOffline),
    }),
    field: 'spec.ring',
  },
  claim: { claimKind: 'emails', keyOf: ({ email }) => (email ? String(email).toLowerCase() : undefined) },
  render,
  hasCalls: true,
  statuses: userStatuses,
} satisfies KindModule<'SipUser', ResolvedUser>;

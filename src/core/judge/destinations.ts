import type { Destination } from '../../api/index.ts';
import type { Problem } from '../verdict.ts';
import type { Directory } from './directory.ts';

/** Kinds of words that the engine knows: `user:1001` leads to the context `to-user`. */
export const KINDS = ['extension', 'hangup', 'number', 'user', 'voicemail'] as const;
type Word = `${(typeof KINDS)[number]}:${string}`;

/** Where a call goes next, as one word of the engine, or what keeps it from being one. */
export type Resolved = { readonly word: Word; readonly user?: string } | { readonly problem: Problem };

/** Q.850 causes; the engine hangs up with them and chan_pjsip makes SIP codes of them. */
const CAUSES: Readonly<Record<string, number>> = { Busy: 17, Congestion: 34, Unallocated: 1, Rejected: 21, Normal: 16 };

/** What a caller hears where the destination cannot be reached because of a mistake: 480. */
export const FALLBACK = 'hangup:19';

export function resolveDestination(destination: Destination, field: string, directory: Directory): Resolved {
  const [kind, value] = Object.entries(destination)[0] ?? [];
  switch (kind) {
    case 'user':
      return toUser(value as { name: string; alias?: string }, field, directory);
    case 'voicemail':
      return toVoicemail((value as { name: string }).name, field, directory);
    case 'extension':
      return toExtension(String(value), field, directory);
    case 'number':
      return { word: `number:${String(value)}` };
    case 'hangup':
      return { word: `hangup:${CAUSES[String(value)] ?? 16}` };
    default:
      return {
        problem: {
          reason: 'NotImplementedYet',
          field,
          message: `${field}: destination ${kind ?? 'without a member'} has no effect in this release; callers get "unavailable"`,
        },
      };
  }
}

function toUser({ name, alias }: { name: string; alias?: string }, field: string, directory: Directory): Resolved {
  if (alias !== undefined) {
    const where = `${field}.user.alias`;
    const message = `${where}: lines of a user have no effect in this release; callers get "unavailable"`;
    return { problem: { reason: 'NotImplementedYet', field: where, message } };
  }
  const extension = directory.register.extensionByName.get(name);
  if (extension === undefined) return missing('SipUser', name, field);
  return (
    stranger(name, extension, field, directory) ??
    notServed(`SipUser ${name}`, directory.unservedUsers.get(name), field) ?? { word: `user:${extension}`, user: name }
  );
}

function toVoicemail(name: string, field: string, directory: Directory): Resolved {
  if (!directory.features.voicemail) {
    const message = `${field} leads to voicemail, which features.voicemail of the Organization turns off; choose another destination`;
    return { problem: { reason: 'FeatureDisabled', field, message } };
  }
  const extension = directory.register.extensionByName.get(name);
  if (extension === undefined) return missing('SipUser', name, field);
  const off = directory.unservedUsers.get(name) ?? directory.unservedMailboxes.get(name);
  return (
    stranger(name, extension, field, directory) ??
    notServed(`the mailbox of SipUser ${name}`, off, field) ?? { word: `voicemail:${extension}` }
  );
}

/** One that exists and is not in force: nobody would answer, so callers hear "unavailable" at once, and it is said why. */
function notServed(what: string, why: string | undefined, field: string): Resolved | undefined {
  if (why === undefined) return undefined;
  const message = `${field} leads to ${what}, which is not in service (${why}); callers get "unavailable". Put it in order, or choose another destination`;
  return { problem: { reason: 'ReferenceNotReady', field, message } };
}

/** A user whose extension is an older one's: the call would reach that one instead. */
function stranger(name: string, extension: string, field: string, { register }: Directory): Resolved | undefined {
  const holder = register.userByExtension.get(extension);
  if (holder === name) return undefined;
  const message = `${field} leads to SipUser ${name}, whose extension ${extension} belongs to SipUser ${holder}; give one of them another`;
  return { problem: { reason: 'ReferenceNotReady', field, message } };
}

function toExtension(extension: string, field: string, { register, unservedUsers }: Directory): Resolved {
  const user = register.userByExtension.get(extension);
  if (user !== undefined) {
    const off = notServed(`extension ${extension} of SipUser ${user}`, unservedUsers.get(user), field);
    return off ?? { word: `extension:${extension}`, user };
  }
  const message = `${field}: no object of this organization has extension ${extension}; create it or choose another`;
  return { problem: { reason: 'ReferenceNotFound', field, message } };
}

function missing(kind: string, name: string, field: string): Resolved {
  const message = `${field}: there is no ${kind} ${name} in this namespace; create it or change the reference`;
  return { problem: { reason: 'ReferenceNotFound', field, message } };
}

/**
 * The number to show for a reference, or '' and what keeps it from being shown: one that the provider did not give to this
 * organization, or that is another's, is not ours to show.
 */
export function resolveNumber(
  name: string | undefined,
  field: string,
  { numbers, unservedNumbers }: Directory,
  faults: Problem[],
): string {
  if (name === undefined) return '';
  const number = numbers.get(name);
  const missed = number ? undefined : missing('PhoneNumber', name, field);
  const why = unservedNumbers.get(name);
  if (missed && 'problem' in missed) faults.push(missed.problem);
  if (why !== undefined) {
    const message = `${field}: PhoneNumber ${name} is refused (${why}), so it is not shown; see its status, or choose another`;
    faults.push({ reason: 'ReferenceNotReady', field, message });
  }
  return number && why === undefined ? number.spec.number : '';
}

import type { Destination } from '../../api/index.ts';
import type { Problem } from '../verdict.ts';
import type { Directory } from './directory.ts';

/** Where a call goes next, as one word of the engine (`user:1001`), or what keeps it from being one. */
export type Resolved = { readonly word: string; readonly user?: string } | { readonly problem: Problem };

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
  return stranger(name, extension, field, directory) ?? { word: `user:${extension}`, user: name };
}

function toVoicemail(name: string, field: string, directory: Directory): Resolved {
  if (!directory.features.voicemail) {
    const message = `${field} leads to voicemail, which features.voicemail of the Organization turns off; choose another destination`;
    return { problem: { reason: 'FeatureDisabled', field, message } };
  }
  const extension = directory.register.extensionByName.get(name);
  if (extension === undefined) return missing('SipUser', name, field);
  return stranger(name, extension, field, directory) ?? { word: `voicemail:${extension}` };
}

/** A user whose extension is an older one's: the call would reach that one instead. */
function stranger(name: string, extension: string, field: string, { register }: Directory): Resolved | undefined {
  const holder = register.userByExtension.get(extension);
  if (holder === name) return undefined;
  const message = `${field} leads to SipUser ${name}, whose extension ${extension} belongs to SipUser ${holder}; give one of them another`;
  return { problem: { reason: 'ReferenceNotReady', field, message } };
}

function toExtension(extension: string, field: string, { register }: Directory): Resolved {
  const user = register.userByExtension.get(extension);
  if (user) return { word: `extension:${extension}`, user };
  const message = `${field}: no object of this organization has extension ${extension}; create it or choose another`;
  return { problem: { reason: 'ReferenceNotFound', field, message } };
}

function missing(kind: string, name: string, field: string): Resolved {
  const message = `${field}: there is no ${kind} ${name} in this namespace; create it or change the reference`;
  return { problem: { reason: 'ReferenceNotFound', field, message } };
}

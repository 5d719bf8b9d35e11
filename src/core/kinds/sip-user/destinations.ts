import { notServed } from '../../checks/destination.ts';
import { missing } from '../../checks/reference.ts';
import { objectKey, objectLabel } from '../../object-key.ts';
import type { Next, TenantIndex } from '../../tenant-index/tenant-index.ts';

function toUser(
  { name, alias }: { name: string; alias?: string | undefined },
  field: string,
  index: TenantIndex,
): Next {
  if (alias !== undefined) {
    const where = `${field}.user.alias`;
    const message = `${where}: lines of a user have no effect in this release; callers get "unavailable"`;
    return { violation: { reason: 'NotImplementedYet', field: where, message } };
  }
  const extension = index.identities.extensionOf.get(objectKey('SipUser', name));
  if (extension === undefined) return { violation: missing('SipUser', name, field) };
  return (
    extensionOfAnother(name, extension, field, index) ??
    notServed(`SipUser ${name}`, index.unserved.SipUser.get(name), field) ?? { word: `user:${extension}` }
  );
}

function toVoicemail({ name }: { name: string }, field: string, index: TenantIndex): Next {
  if (!index.features.voicemail) {
    const message = `${field} leads to voicemail, which features.voicemail of the Organization turns off; choose another destination`;
    return { violation: { reason: 'FeatureDisabled', field, message } };
  }
  const extension = index.identities.extensionOf.get(objectKey('SipUser', name));
  if (extension === undefined) return { violation: missing('SipUser', name, field) };
  const off = index.unserved.SipUser.get(name) ?? index.unservedMailboxes.get(name);
  return (
    extensionOfAnother(name, extension, field, index) ??
    notServed(`the mailbox of SipUser ${name}`, off, field) ?? { word: `voicemail:${extension}` }
  );
}

/** The finding for a user whose extension belongs to an older object, which the call would reach instead. */
function extensionOfAnother(
  name: string,
  extension: string,
  field: string,
  { identities }: TenantIndex,
): Next | undefined {
  const holder = identities.ownerOfExtension.get(extension);
  if (holder === undefined || holder === objectKey('SipUser', name)) return undefined;
  const message = `${field} leads to SipUser ${name}, whose extension ${extension} belongs to ${objectLabel(holder)}; give one of them another extension`;
  return { violation: { reason: 'ReferenceNotReady', field, message } };
}

/** How calls reach a user, by the member of a destination. */
export const destinations = { user: toUser, voicemail: toVoicemail };

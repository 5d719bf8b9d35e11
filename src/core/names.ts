import { hash } from 'node:crypto';
import type { ObjectMeta } from '../api/index.ts';
import { objectKey } from './object-key.ts';

/**
 * Names that several files must agree on: endpoint ids in Asterisk, child objects in Kubernetes, labels, annotations.
 * The name of an Organization is a DNS label and has no `_`, so `<org>_<extension>` splits unambiguously and no tenant's id
 * is a prefix of another's (features.md §2m).
 */
export const API_VERSION = 'ringfleet.io/v1alpha1';

export const MANAGER = 'ringfleet';
export const STATUS_MANAGER = 'ringfleet-status';

export const LABEL_MANAGED = 'app.kubernetes.io/managed-by';
export const LABEL_ORGANIZATION = 'ringfleet.io/organization';
export const LABEL_COMPONENT = 'ringfleet.io/component';
export const LABEL_USER = 'ringfleet.io/sip-user';

export const ROTATE_PASSWORD = 'ringfleet.io/rotate-sip-password';
export const HANDLED_ROTATION = 'ringfleet.io/handled-rotation';
/** With the value `purge` on a SipUser: messages, greetings and PIN are deleted with the user. */
export const ON_DELETE = 'ringfleet.io/delete';
export const NUDGE = 'ringfleet.io/generation';

export function endpointId(organization: string, extension: string): string {
  return `${organization}_${extension}`;
}

/** A trunk's id begins with a letter after the `_`, so it can never be a user's: extensions are digits. */
export function trunkId(organization: string, trunk: string): string {
  return `${organization}_t-${trunk}`;
}

/**
 * The id of the auth and identify objects for a carrier that authenticates to us. A DNS label has no `.`, so no other trunk
 * can have this id.
 */
export function inboundId(organization: string, trunk: string): string {
  return `${trunkId(organization, trunk)}.in`;
}

/** Identifies an object for the whole of its life, also when its extension, and so its id in Asterisk, changes. */
export function ownerId(kind: string, { name, uid }: Pick<ObjectMeta, 'name' | 'uid'>): string {
  return uid || objectKey(kind, name);
}

/**
 * The id of a user's mailbox, which no other SipUser ever gets, not even a later one of the same name. It has letters only:
 * Asterisk would read digits out to callers, and letters cannot be dialled when a message is forwarded to another mailbox.
 */
export function mailboxId(user: Pick<ObjectMeta, 'name' | 'uid'>): string {
  const digits = hash('sha256', ownerId('SipUser', user)).slice(0, 24);
  return digits.replace(/./g, digit => 'abcdefghijklmnop'.charAt(Number.parseInt(digit, 16)));
}

/**
 * The dialplan context in which transfers by a user begin. It names the extension and the user: when an extension passes to
 * another user, a call of the earlier one has a context that does not exist any more, so it cannot use the rights of the
 * new one.
 */
export function transferContext(extension: string, user: Pick<ObjectMeta, 'name' | 'uid'>): string {
  return `by-${extension}-${mailboxId(user)}`;
}

export function pbxName(organization: string): string {
  return `${organization}-pbx`;
}

export function credentialsName(user: string): string {
  return `${user}-sip`;
}

export function childLabels(organization: string, component: string): Record<string, string> {
  return { [LABEL_MANAGED]: MANAGER, [LABEL_ORGANIZATION]: organization, [LABEL_COMPONENT]: component };
}

import { hash } from 'node:crypto';
import type { ObjectMeta } from '../api/index.ts';
import { objectKey } from './object-key.ts';

/**
 * Every name that more than one file must agree on: endpoint ids inside Asterisk, child objects in Kubernetes, labels.
 * An organization is a DNS label and has no `_`, so `<org>_<extension>` splits unambiguously and no tenant's id is a
 * prefix of another's (features.md §2m).
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
/** With the value `purge` on a SipUser: when she is deleted, her messages, greetings and PIN go too. */
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
 * What knows the carrier that authenticates here: a second login and a second identity of the same trunk. No DNS label has
 * a `.`, so it is the id of no other trunk, whatever that one is called.
 */
export function inboundId(organization: string, trunk: string): string {
  return `${trunkId(organization, trunk)}.in`;
}

/** Says whose a thing is, also after its owner got another name inside Asterisk. */
export function ownerId(kind: string, { name, uid }: Pick<ObjectMeta, 'name' | 'uid'>): string {
  return uid || objectKey(kind, name);
}

/**
 * A person's mailbox: hers as long as her SipUser lives, and nobody's after her. Of letters only: Asterisk reads digits of
 * a mailbox's name out to callers, and letters cannot be typed by keys (one mailbox forwards messages to another).
 */
export function mailboxId(user: Pick<ObjectMeta, 'name' | 'uid'>): string {
  const digits = hash('sha256', ownerId('SipUser', user)).slice(0, 24);
  return digits.replace(/./g, digit => 'abcdefghijklmnop'.charAt(Number.parseInt(digit, 16)));
}

/**
 * The context of the dialplan in which a user's transfers begin, of who has an extension now: a call that was begun by
 * somebody who had it before has another one, that is no more.
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

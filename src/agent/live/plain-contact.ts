import { LONGEST_CONTACT, PLAIN_CONTACT } from '../../api/plain-contact.ts';

const PLAIN = new RegExp(PLAIN_CONTACT);

/** Whether a contact is one that the dialplan calls, by its text; it calls none that leads to a carrier either. Pure. */
export function isPlainContact(uri: string): boolean {
  return uri.length <= LONGEST_CONTACT && PLAIN.test(uri);
}

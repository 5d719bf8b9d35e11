import { LONGEST_CONTACT, PLAIN_CONTACT } from '../../api/plain-contact.ts';

const PLAIN = new RegExp(PLAIN_CONTACT);

/** Whether the dialplan calls a contact, by the text of its URI. (It also ignores contacts that lead to a carrier.) Pure. */
export function isPlainContact(uri: string): boolean {
  return uri.length <= LONGEST_CONTACT && PLAIN.test(uri);
}

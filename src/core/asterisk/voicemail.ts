import type { RenderedUser } from '../judge/users.ts';
import { directoryName, word } from './escape.ts';

/** PINs live beside the mailbox in the spool, or Asterisk would rewrite this file when a user changes hers. */
export const VOICEMAIL_GENERAL = `[general]
format=wav
charset=UTF-8
passwordlocation=spooldir
maxsecs=600
minsecs=2
maxmsg=200
maxlogins=3
attach=no
sendvoicemail=no
pollmailboxes=no
[default]
`;

export function mailboxLine(user: RenderedUser): string {
  return `[default](+)\n${word(user.extension)} => ${word(user.pin)},${directoryName(user.label)},,,`;
}

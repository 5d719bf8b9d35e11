import type { BundleFile } from '../../api/asterisk-files.ts';

/**
 * Mailboxes are in a file of their own. An Asterisk whose engine still looks for a mailbox by extension is not told to
 * read it (`voicemail.conf` waits for the roll, as the engine does) and goes on with the mailboxes that it has.
 */
export const MAILBOXES_FILE = 'voicemail_users.conf' satisfies BundleFile;

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
#include ${MAILBOXES_FILE}
`;

import type { BundleFile } from '../../api/asterisk-files.ts';

/**
 * The file with the mailboxes, which voicemail.conf includes. An Asterisk whose engine still looks for mailboxes by extension
 * does not read it, because its voicemail.conf changes only with the roll, and goes on with the mailboxes that it has.
 */
export const MAILBOXES_FILE = 'voicemail_users.conf' satisfies BundleFile;

/** PINs are stored beside the mailbox in the spool: otherwise Asterisk would rewrite this file when a user changes the PIN. */
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

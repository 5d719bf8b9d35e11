import { directoryName, displayName, word } from '../../asterisk/escape.ts';
import { setAll } from '../../asterisk/extension-line.ts';
import { areaCode } from '../../asterisk/numbering.ts';
import type { ObjectWriter, Section } from '../../asterisk/object-writer.ts';
import { DTMF, ENCRYPTION, only, SESSION_SECONDS, TIMERS } from '../../asterisk/pjsip-words.ts';
import { passwordDigests } from '../../asterisk/sip-digest.ts';
import { MAILBOXES_FILE } from '../../asterisk/voicemail.ts';
import { ownerId, transferContext } from '../../names.ts';
import { numberingPlan } from '../../numbering/plan.ts';
import type { Tenant } from '../../tenant.ts';
import type { ResolvedUser } from './resolve.ts';

/** The variables that a line of the context `users` sets. */
const USER_FIELDS = [
  'U_ID', // endpoint
  'U_RING', // seconds
  'U_TARGET', // sip | none
  'U_NOANSWER', // destination word
  'U_BUSY', // destination word
  'U_OFFLINE', // destination word, or empty: as no answer
  'U_OFFLINE_DIRECT', // 1: only for direct calls
  'U_MAILBOX', // mailbox, or empty; 1: by extension, before there were others
  'U_CLI', // outbound caller ID
  'U_EM_TRUNK', // trunk that emergency calls try first, or empty
  'U_EM_NUMBERS', // context with the emergency numbers of the Location
  'U_EM_CLI', // caller ID for emergency calls
  'U_DIAL', // classes that may be dialled, letters in one word: I internal, N national, S service, W world, P premium
  'U_OFFLINE_SECONDS', // how long to ring where U_OFFLINE leads; empty: as that one says
  'U_AREA', // area code of the Location, without trunk prefix, or empty
] as const;

/** Writes a user into the pjsip_*.conf files, the mailboxes and the dialplan. */
export function render(out: ObjectWriter, user: ResolvedUser, tenant: Tenant): void {
  out.sections('pjsip_endpoint.conf', userEndpoint(user));
  out.sections('pjsip_aor.conf', userAor(user));
  out.sections('pjsip_auth.conf', userAuth(user, tenant.domain));
  out.text('extensions_tenant.conf', userLine(user, tenant));
  if (user.mailbox) out.text(MAILBOXES_FILE, mailboxLine(user));
}

function userEndpoint(user: ResolvedUser): Section {
  const {
    id,
    sip,
    label,
    extension,
    mailbox,
    user: { metadata },
  } = user;
  const lines = [
    `callerid="${displayName(label)}" <${word(extension)}>`,
    `aors=${id}`,
    `auth=${id}`,
    `set_var=RF_OWNER=${word(ownerId('SipUser', metadata))}`,
    `set_var=TRANSFER_CONTEXT=${word(transferContext(extension, metadata))}`,
    ...(mailbox ? [`mailboxes=${word(mailbox)}@default`] : []),
    ...only(sip.codecs.join(',') !== 'g722,alaw,ulaw', `allow=!all,${sip.codecs.map(word).join(',')}`),
    ...only(sip.transport === 'UDP' || sip.transport === 'TCP', `transport=${sip.transport.toLowerCase()}`),
    ...only(!sip.nat.rewriteContact, 'rewrite_contact=no'),
    ...only(!sip.nat.symmetricRtp, 'rtp_symmetric=no'),
    ...only(!sip.nat.forceRport, 'force_rport=no'),
    ...only(sip.nat.directMedia, 'direct_media=yes'),
    ...only(sip.dtmf !== 'RFC4733', `dtmf_mode=${DTMF[sip.dtmf]}`),
    ...only(sip.sessionTimers !== 'Accept', `timers=${TIMERS[sip.sessionTimers]}`),
    ...only(sip.sessionTimers === 'Never', `rtp_timeout=${SESSION_SECONDS}\nrtp_timeout_hold=3600`),
    ...only(sip.mediaEncryption !== 'Disable', `media_encryption=${ENCRYPTION[sip.mediaEncryption]}`),
    ...only(sip.mediaEncryption === 'Allow', 'media_encryption_optimistic=yes'),
    ...fence(sip.allowedSources),
  ];
  return { id, template: 'user', lines };
}

function fence(sources: readonly string[] | undefined): string[] {
  if (!sources) return [];
  return ['deny=0.0.0.0/0', 'deny=::/0', ...sources.map(source => `permit=${word(source)}`)];
}

function userAor(user: ResolvedUser): Section {
  const { id, sip } = user;
  const lines = [
    ...only(sip.maxContacts !== 5, `max_contacts=${sip.maxContacts}`),
    ...only(sip.qualifySeconds !== 30, `qualify_frequency=${sip.qualifySeconds}`),
    ...only(sip.expirySeconds.min !== 60, `minimum_expiration=${sip.expirySeconds.min}`),
    ...only(
      sip.expirySeconds.max !== 3600,
      `maximum_expiration=${sip.expirySeconds.max}\ndefault_expiration=${sip.expirySeconds.max}`,
    ),
  ];
  return { id, template: 'user', lines };
}

/**
 * Both digests, so that old phones (MD5) and new ones (SHA-256) register; Asterisk never sees the password. An answer to a
 * challenge can be replayed from the same address while its nonce is valid (test/calls/facts/nonces.test.ts), so a nonce is
 * valid only for as long as a slow phone needs. A later answer is challenged again.
 */
function userAuth({ id, password }: ResolvedUser, realm: string): Section {
  const digests = passwordDigests(id, realm, password);
  const lines = [
    'type=auth',
    'auth_type=digest',
    `username=${word(id)}`,
    `realm=${word(realm)}`,
    `password_digest=SHA-256:${digests.sha256}`,
    `password_digest=MD5:${digests.md5}`,
    'supported_algorithms_uas=SHA-256,MD5',
    'nonce_lifetime=10',
  ];
  return { id, lines };
}

/** The line that sets all variables of a user, and the context in which transfers by the user begin. */
function userLine(user: ResolvedUser, tenant: Tenant): string {
  const values: Record<(typeof USER_FIELDS)[number], string> = {
    U_ID: user.id,
    U_RING: String(user.ringSeconds),
    U_TARGET: user.target,
    U_NOANSWER: user.onNoAnswer,
    U_BUSY: user.onBusy,
    U_OFFLINE: user.onOffline,
    U_OFFLINE_DIRECT: user.offlineDirectOnly ? '1' : '',
    U_MAILBOX: user.mailbox,
    U_CLI: user.callerId,
    U_EM_TRUNK: user.emergencyTrunk,
    U_EM_NUMBERS: user.emergencyNumbers,
    U_EM_CLI: user.emergencyCallerId,
    U_DIAL: user.dial,
    U_AREA: areaCode(user.areaCode, tenant.country ? numberingPlan(tenant.country) : undefined),
    U_OFFLINE_SECONDS: user.offlineSeconds === undefined ? '' : String(user.offlineSeconds),
  };
  const lines = [
    '[users](+)',
    setAll(
      user.extension,
      USER_FIELDS,
      USER_FIELDS.map(field => values[field]),
    ),
  ];
  if (user.sip.address) lines.push('[names](+)', setAll(user.sip.address, ['RF_EXTEN'], [user.extension]));
  lines.push(`[${word(transferContext(user.extension, user.user.metadata))}]`, 'include => transferred');
  return lines.join('\n');
}

function mailboxLine(user: ResolvedUser): string {
  return `[default](+)\n${word(user.mailbox)} => ${word(user.pin)},${directoryName(user.label)},,,`;
}

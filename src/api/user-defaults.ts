import { z } from 'zod';
import {
  bool,
  choice,
  cidr,
  codecs,
  DNS_LABEL,
  dtmf,
  e164,
  enumOf,
  extension,
  inherited,
  integer,
  keyed,
  mediaEncryption,
  NO_EFFECT,
  ordered,
  personName,
  reference,
  SECRET_TEXT,
  secretKey,
  sessionTimers,
  text,
} from './common.ts';
import { bot, destination } from './destination.ts';

/** Settings of a user that an Organization and an OrganizationClass may give to all users. */

const NO_RESERVED = {
  'x-kubernetes-validations': [{ rule: "self != 'fax'", message: 'fax is a reserved word of the dialplan' }],
};
const sipAddress = text(
  '^[a-z][a-z0-9._-]{1,31}$',
  32,
  'Name under which the user can also be called: sip:<address>@<SIP domain>. Unique in the organization.',
).meta(NO_RESERVED);

export const ring = z
  .strictObject({
    target: choice(
      {
        sip: z
          .strictObject({})
          .optional()
          .describe('Rings the phones that are registered with the credentials of the user.'),
        phone: z
          .strictObject({ number: e164('Number that is rung.') })
          .optional()
          .describe(`Rings an external number instead of a phone. ${NO_EFFECT}`),
        bot: bot.optional(),
        none: z
          .strictObject({})
          .optional()
          .describe('Rings nothing: calls go to onNoAnswer at once, for example for a shared mailbox.'),
      },
      'What rings when the user is called. Defaults to sip.',
    ).optional(),
    seconds: integer(5, 300, `Seconds to ring before the call goes to onNoAnswer. ${inherited('20')}`).optional(),
    callWaiting: bool(
      `Whether a second call rings during a call. ${inherited('true')} The value false has no effect in this release.`,
    ).optional(),
    doNotDisturb: bool(`Whether calls go to onNoAnswer without ringing. ${NO_EFFECT}`).optional(),
    alertInfo: text(
      '^[A-Za-z0-9 ._:/;=<>-]*$',
      128,
      `Value of the SIP header Alert-Info, for example to make a phone answer by itself. ${NO_EFFECT}`,
    ).optional(),
    forwardAll: destination(`Where all calls go instead of to the user. ${NO_EFFECT}`).optional(),
    onNoAnswer: destination(
      'Where a call goes that is not answered. If unset in userDefaults too: the mailbox of the user, or without one 480.',
    ).optional(),
    onBusy: destination(
      'Where a call goes when the user is busy or declines. If unset in userDefaults too: as onNoAnswer, or without a mailbox 486.',
    ).optional(),
    unreachable: z
      .strictObject({
        destination: destination(
          'Where a call goes when no phone of the user can be reached. If unset, as onNoAnswer.',
        ).optional(),
        directCallsOnly: bool(
          'Whether this is only for calls to the extension or a number of the user, not for forwarded ones. Defaults to false.',
        ).optional(),
        seconds: integer(
          5,
          300,
          'Seconds to ring at the destination. Defaults to what the destination says.',
        ).optional(),
      })
      .optional()
      .describe('What happens to a call when no phone of the user is registered and reachable.'),
  })
  .describe('What happens when the user is called.');

export const voicemail = z
  .strictObject({
    enabled: bool(`Whether the user has a mailbox. ${inherited('true')}`).optional(),
    pinSecretRef: secretKey(
      `the PIN of the mailbox, 3 to 12 digits; ${SECRET_TEXT}. If unset, a PIN is generated into the Secret <user>-sip`,
    ).optional(),
    notify: z
      .strictObject({
        email: bool(`Whether the user is notified by e-mail. ${inherited('false')} ${NO_EFFECT}`).optional(),
        format: enumOf(['MP3', 'WAV'], `Audio format of the attachment. ${inherited('MP3')} ${NO_EFFECT}`).optional(),
        attach: bool(`Whether the message is attached to the e-mail. ${inherited('true')} ${NO_EFFECT}`).optional(),
        transcript: bool(`Whether the e-mail has a transcript. ${inherited('false')} ${NO_EFFECT}`).optional(),
      })
      .optional()
      .describe('How the user is notified of a new message.'),
    greeting: reference('AudioFile', `Audio file with the greeting of the mailbox. ${NO_EFFECT}`).optional(),
    directoryName: reference('AudioFile', `Audio file with the spoken name of the user. ${NO_EFFECT}`).optional(),
  })
  .describe('Mailbox of the user. It is called with *97, and asks for the PIN.');

export const recording = z
  .strictObject({
    calls: enumOf(
      ['None', 'Inbound', 'Outbound', 'Internal', 'External', 'All'],
      `Which calls are recorded. ${inherited('None')} ${NO_EFFECT}`,
    ).optional(),
    neverInternal: bool(`Whether internal calls are never recorded. ${inherited('false')} ${NO_EFFECT}`).optional(),
  })
  .describe('Recording of the calls of the user.');

export const sip = z
  .strictObject({
    address: sipAddress.optional(),
    passwordSecretRef: secretKey(
      `the SIP password of the user, 8 to 128 characters of printable ASCII; ${SECRET_TEXT}. If unset, a password of 24 characters is generated into the Secret <user>-sip`,
    ).optional(),
    aliases: keyed(
      z
        .strictObject({
          name: text(DNS_LABEL, 40, 'Name of the line, unique in the list.'),
          extension: extension('Extension of the line, 2 to 8 digits.'),
          displayName: personName('Name that the other side of a call sees.').optional(),
        })
        .describe('A line with an extension and a registration of its own.'),
      ['name'],
      10,
      `More lines of the same user. ${NO_EFFECT}`,
    ).optional(),
    maxContacts: integer(
      1,
      10,
      `Number of phones that can be registered at a time; one more replaces the oldest registration. ${inherited('5')}`,
    ).optional(),
    expirySeconds: z
      .strictObject({
        min: integer(30, 7200, `Shortest lifetime of a registration, in seconds. ${inherited('60')}`).optional(),
        max: integer(60, 86400, `Longest lifetime of a registration, in seconds. ${inherited('3600')}`).optional(),
      })
      .optional()
      .describe('Bounds for the lifetime of a registration.')
      .meta({
        'x-kubernetes-validations': [
          { rule: '!has(self.min) || !has(self.max) || self.min <= self.max', message: 'min must not exceed max' },
        ],
      }),
    qualifySeconds: integer(
      0,
      300,
      `Seconds between two OPTIONS requests that check whether a phone is reachable; 0 for none. ${inherited('30')}`,
    ).optional(),
    transport: enumOf(
      ['Any', 'UDP', 'TCP', 'TLS', 'WSS'],
      `Transport by which calls are sent to the phones; Any: the one by which a phone registered. ${inherited('Any')} TLS and WSS have no effect in this release.`,
    ).optional(),
    webrtc: bool(`Whether the phone of the user is a browser (WebRTC). ${inherited('false')} ${NO_EFFECT}`).optional(),
    nat: z
      .strictObject({
        rewriteContact: bool(
          `Whether requests to a phone go to the address that its packets come from, instead of that in its Contact header. ${inherited('true')}`,
        ).optional(),
        symmetricRtp: bool(
          `Whether audio is sent to the address that audio comes from, instead of that in the SDP. ${inherited('true')}`,
        ).optional(),
        forceRport: bool(
          `Whether responses go to the port that a request came from (RFC 3581), even if the phone does not ask for it. ${inherited('true')}`,
        ).optional(),
        directMedia: bool(
          `Whether two phones send audio to each other directly, without the PBX. Only where features.callTransfer of the Organization is false, since the keys for a transfer are heard in the audio. ${inherited('false')}`,
        ).optional(),
      })
      .optional()
      .describe('Settings for phones behind NAT.'),
    dtmf: dtmf(inherited('RFC4733')).optional(),
    sessionTimers: sessionTimers(inherited('Accept')).optional(),
    allowedSources: ordered(
      cidr('Network that is allowed.'),
      32,
      'Networks from which phones of the user can register and call. If unset in userDefaults too, any.',
    ).optional(),
    mediaEncryption: mediaEncryption(inherited('Disable')).optional(),
    codecs: codecs(inherited('g722, alaw, ulaw')).optional(),
  })
  .describe('SIP settings of the phones of the user.');

/** The part of a user's spec that an Organization and a class may set for all: nothing in it has a default. */
export const userDefaults = z
  .strictObject({
    ring: ring.optional(),
    voicemail: voicemail.optional(),
    recording: recording.optional(),
    sip: sip.optional(),
  })
  .describe('Settings for users who do not set them in their own spec.');

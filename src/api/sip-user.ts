import { z } from 'zod';
import {
  choice,
  cidr,
  codecs,
  country,
  DNS_LABEL,
  dtmf,
  e164,
  email,
  extension,
  keyed,
  mediaEncryption,
  metadata,
  ordered,
  personName,
  reference,
  SECRET_TEXT,
  secretKey,
  sessionTimers,
  statusBase,
  text,
  whole,
  words,
  yesNo,
} from './common.ts';
import { bot, destination } from './destination.ts';
import { AGE, condition, type KindInfo, READY, REASON } from './kind-info.ts';

/** SipUser: a person (or a bot, a mobile, a shared mailbox) with an extension. */

const NO_RESERVED = {
  'x-kubernetes-validations': [{ rule: "self != 'fax'", message: 'fax is a reserved word of the dialplan' }],
};
const sipAddress = text('^[a-z][a-z0-9._-]{1,31}$', 32, 'Also reachable as sip:<address>@<domain>.').meta(NO_RESERVED);

const ring = z
  .strictObject({
    target: choice(
      {
        sip: z.strictObject({}).optional().describe('Her phones.'),
        phone: z
          .strictObject({ number: e164('The number to ring.') })
          .optional()
          .describe('A number outside, by the routes.'),
        bot: bot.optional(),
        none: z.strictObject({}).optional().describe('Nothing: calls go on at once (a shared mailbox).'),
      },
      'What rings. Absent: sip.',
    ).optional(),
    seconds: whole(5, 300, 'How long to ring, seconds. Inherited; built-in 20').optional(),
    callWaiting: yesNo('A second call rings too. Inherited; built-in true.').optional(),
    doNotDisturb: yesNo('Calls go where "no answer" goes. Star codes override it until it changes.').optional(),
    alertInfo: text('^[A-Za-z0-9 ._:/;=<>-]*$', 128, 'Alert-Info header, e.g. for auto-answer.').optional(),
    forwardAll: destination('Where all calls go instead.').optional(),
    onNoAnswer: destination('Where an unanswered call goes. Inherited; built-in her voicemail, or 480.').optional(),
    onBusy: destination('Where a call goes when she is busy or declines. Inherited; built-in as no answer.').optional(),
    unreachable: z
      .strictObject({
        destination: destination('Where a call goes when no phone of hers can be reached.').optional(),
        directCallsOnly: yesNo('Only for calls to her own extension or number. Default false.').optional(),
        seconds: whole(5, 300, 'How long to ring there, seconds').optional(),
      })
      .optional()
      .describe('What happens when none of her phones is registered and reachable.'),
  })
  .describe('What happens when she is called.');

const followMe = z
  .strictObject({
    active: yesNo('Calls follow her. Default false.').optional(),
    initialRingSeconds: whole(0, 300, 'How long her extension rings first; 0: not at all').optional(),
    numbers: ordered(e164('A number.'), 10, 'Where calls follow her, in order.').optional(),
    strategy: words(['RingAll', 'Hunt', 'MemoryHunt'], 'In which order numbers ring. Default RingAll.').optional(),
    callerId: words(['Remote', 'Local'], 'Whose number is shown: the caller’s or hers. Default Remote.').optional(),
    announcement: reference('AudioFile').optional(),
    ringSeconds: whole(5, 300, 'How long each number rings').optional(),
    confirm: yesNo('The answerer must press 1. Default false.').optional(),
    directCallsOnly: yesNo('Only for calls to her own extension or number. Default false.').optional(),
    onNoAnswer: destination('Where a call goes that nobody took.').optional(),
  })
  .describe('Calls follow her to other numbers.');

const voicemail = z
  .strictObject({
    enabled: yesNo('She has a mailbox. Inherited; built-in true.').optional(),
    pinSecretRef: secretKey(`the PIN, 3 to 12 digits; generated if absent. ${SECRET_TEXT}`).optional(),
    notify: z
      .strictObject({
        email: yesNo('Tells her by e-mail. Inherited; built-in false.').optional(),
        format: words(['MP3', 'WAV'], 'Format of the attachment. Inherited; built-in MP3.').optional(),
        attach: yesNo('Attaches the message. Inherited; built-in true.').optional(),
        transcript: yesNo('Adds a transcript. Inherited; built-in false.').optional(),
      })
      .optional()
      .describe('What happens when a message is left.'),
    greeting: reference('AudioFile with her greeting').optional(),
    directoryName: reference('AudioFile with her spoken name').optional(),
  })
  .describe('Her mailbox.');

const recording = z
  .strictObject({
    calls: words(
      ['None', 'Inbound', 'Outbound', 'Internal', 'External', 'All'],
      'Which calls are recorded. Inherited.',
    ).optional(),
    neverInternal: yesNo('Internal calls are never recorded. Inherited; built-in false.').optional(),
  })
  .describe('Recording of her calls.');

const sip = z
  .strictObject({
    address: sipAddress.optional(),
    passwordSecretRef: secretKey(
      `her SIP password, 8 to 128 characters of ASCII; absent: one of 24 is generated. ${SECRET_TEXT}`,
    ).optional(),
    aliases: keyed(
      z
        .strictObject({
          name: text(DNS_LABEL, 40, 'Name of the line.'),
          extension: extension('Extension of the line.'),
          displayName: personName('What the other side sees.').optional(),
        })
        .describe('A line with a registration of its own.'),
      ['name'],
      10,
      'More lines of the same person.',
    ).optional(),
    maxContacts: whole(1, 10, 'Phones at a time. Inherited; built-in 5').optional(),
    expirySeconds: z
      .strictObject({
        min: whole(30, 7200, 'Shortest registration, seconds. Inherited; built-in 60').optional(),
        max: whole(60, 86400, 'Longest registration, seconds. Inherited; built-in 3600').optional(),
      })
      .optional()
      .describe('Bounds of a registration’s life.')
      .meta({
        'x-kubernetes-validations': [
          { rule: '!has(self.min) || !has(self.max) || self.min <= self.max', message: 'min must not exceed max' },
        ],
      }),
    qualifySeconds: whole(
      0,
      300,
      'Asks the phone whether it is there, every so many seconds; 0: never. Inherited; built-in 30',
    ).optional(),
    transport: words(
      ['Any', 'UDP', 'TCP', 'TLS', 'WSS'],
      'Transport of her phones. Inherited; built-in Any.',
    ).optional(),
    webrtc: yesNo('A browser is her phone. Inherited; built-in false.').optional(),
    nat: z
      .strictObject({
        rewriteContact: yesNo('Answers to where packets come from. Inherited; built-in true.').optional(),
        symmetricRtp: yesNo('Sends audio to where audio comes from. Inherited; built-in true.').optional(),
        forceRport: yesNo('RFC 3581 even when not asked for. Inherited; built-in true.').optional(),
        directMedia: yesNo(
          'Audio between phones without the PBX, where callTransfer is off: its keys are heard in the audio. Inherited; built-in false.',
        ).optional(),
      })
      .optional()
      .describe('For phones behind routers.'),
    dtmf: dtmf.optional(),
    sessionTimers: sessionTimers.optional(),
    allowedSources: ordered(cidr('A network.'), 32, 'Networks from which she may register. Absent: any.').optional(),
    mediaEncryption: mediaEncryption.optional(),
    codecs: codecs.optional(),
  })
  .describe('Her phones.');

/** The part of a user's spec that an Organization and a class may set for all: nothing in it has a default. */
export const userDefaults = z
  .strictObject({
    ring: ring.optional(),
    voicemail: voicemail.optional(),
    recording: recording.optional(),
    sip: sip.optional(),
  })
  .describe('What users inherit.');

const NAME_RULE = {
  rule: 'has(self.fullName) != (has(self.firstName) || has(self.lastName))',
  message: 'give either fullName, or firstName and lastName',
};
const FOLLOW_RULE = {
  rule: '!has(self.followMe) || !has(self.followMe.active) || !self.followMe.active || !has(self.permissions) || !has(self.permissions.followMe) || self.permissions.followMe',
  message: 'followMe.active needs permissions.followMe',
  fieldPath: '.followMe',
};

const sipUserSpec = z
  .strictObject({
    extension: extension('Number inside the organization, unique there.'),
    additionalExtensions: keyed(
      z
        .strictObject({
          number: extension('The number.'),
          scope: words(['Internal', 'External', 'Both'], 'From where it is dialled. Default Both.').default('Both'),
        })
        .describe('Another extension.'),
      ['number'],
      20,
      'More extensions of the same user.',
    ).optional(),
    firstName: personName('Given name.').optional(),
    lastName: personName('Family name.').optional(),
    fullName: personName('Whole name, instead of firstName and lastName.').optional(),
    email: email('E-mail address, unique on the platform; voicemail goes there.').optional(),
    mobile: e164('Mobile number.').optional(),
    role: words(['Owner', 'Admin', 'Supervisor', 'Agent', 'Receptionist', 'User'], 'Role in the PBX.').default('Agent'),
    enabled: yesNo('Off: cannot register, is not called.').default(true),
    location: reference('Location').optional(),
    ring: ring.optional(),
    followMe: followMe.optional(),
    voicemail: voicemail.optional(),
    callerId: z
      .strictObject({
        default: reference('PhoneNumber that is shown to the called').optional(),
        byCountry: keyed(
          z
            .strictObject({ country: country('Country of the called.'), number: reference('PhoneNumber to show') })
            .describe('One country.'),
          ['country'],
          64,
          'Other numbers by the country that is called.',
        ).optional(),
      })
      .optional()
      .describe('What the called see.'),
    recording: recording.optional(),
    permissions: z
      .strictObject({
        followMe: yesNo('May use follow me.').optional(),
        adHocRecording: yesNo('May record with ##.').optional(),
        monitorOthers: yesNo('May listen to others’ calls.').optional(),
        dial: ordered(
          z
            .enum(['Internal', 'National', 'International', 'Service', 'Premium', 'All'])
            .describe(
              'A class. National includes service numbers; All is every class, premium too where the Organization allows it.',
            ),
          6,
          'What may be dialled, beside extensions. Absent: All. Premium-rate numbers: see dialing.premium of the Organization.',
        ).optional(),
      })
      .optional()
      .describe('What she may do.'),
    pickupGroups: ordered(text(DNS_LABEL, 40, 'A group.'), 20, 'Groups whose calls she may pick up.').optional(),
    musicOnHold: reference('AudioFile or stream').optional(),
    sip: sip.optional(),
    emergency: z
      .strictObject({ enabled: yesNo('Her Location’s address travels with emergency calls.').optional() })
      .optional()
      .describe('Emergency calls.'),
  })
  .superRefine((spec, context) => {
    if ((spec.fullName !== undefined) === (spec.firstName !== undefined || spec.lastName !== undefined)) {
      context.addIssue({ code: 'custom', path: ['fullName'], message: NAME_RULE.message });
    }
  })
  .meta({ description: 'What the user should be.', 'x-kubernetes-validations': [NAME_RULE, FOLLOW_RULE] });

const registration = z
  .object({
    contact: z.string().max(512).optional().describe('Contact URI.'),
    uri: z.string().max(512).optional().describe('Contact URI as Asterisk keeps it.'),
    userAgent: z.string().max(256).optional().describe('What the phone calls itself.'),
    source: z.string().max(64).optional().describe('Address and port that its packets come from.'),
    transport: z.string().max(8).optional().describe('UDP, TCP, TLS or WSS.'),
    since: z.string().max(64).optional().describe('First seen (RFC 3339).'),
    state: z.enum(['Reachable', 'Unreachable', 'Unknown']).optional().describe('Whether it answers.'),
  })
  .describe('A registered phone.');

const sipUserStatus = z
  .object({
    ...statusBase,
    displayName: z.string().max(160).optional().describe('Name as others see it.'),
    target: z.string().max(16).optional().describe('What rings.'),
    sip: z
      .object({
        username: z.string().max(128).optional().describe('User name for registering.'),
        credentialsSecret: z.string().max(253).optional().describe('Secret with the credentials.'),
        domain: z.string().max(253).optional().describe('SIP domain and realm.'),
        server: z.string().max(253).optional().describe('Address to register at.'),
        port: z.number().int().optional().describe('Port to register at.'),
        transport: z.string().max(8).optional().describe('Transport to use.'),
      })
      .optional()
      .describe('How to set up a phone.'),
    registrations: z
      .array(registration)
      .max(10)
      .optional()
      .meta({ description: 'Registered phones.', 'x-kubernetes-list-type': 'atomic' }),
    dialPatterns: z
      .object({
        national: z.string().max(32).optional().describe('National calls.'),
        international: z.string().max(32).optional().describe('International calls.'),
      })
      .optional()
      .describe('How to dial out.'),
    voicemail: z
      .object({
        new: z.number().int().optional().describe('Unheard messages.'),
        old: z.number().int().optional().describe('Heard messages.'),
      })
      .optional()
      .describe('Messages.'),
    doNotDisturb: z
      .object({
        active: z.boolean().optional().describe('Whether it is on.'),
        setBy: z.string().max(16).optional().describe('Spec or Phone.'),
      })
      .optional()
      .describe('Do not disturb.'),
  })
  .describe('What is.');

export const sipUserSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('SipUser'),
  metadata: metadata(DNS_LABEL, 40),
  spec: sipUserSpec,
  status: sipUserStatus.optional(),
});
export type SipUser = z.infer<typeof sipUserSchema>;

export const sipUserKind = {
  kind: 'SipUser',
  plural: 'sipusers',
  singular: 'sipuser',
  shortNames: ['sipu'],
  scope: 'Namespaced',
  description: 'A person (or a bot, a mobile, a shared mailbox) with an extension.',
  schema: sipUserSchema,
  columns: [
    { name: 'EXT', jsonPath: '.spec.extension' },
    { name: 'DISPLAY', jsonPath: '.status.displayName' },
    { name: 'TARGET', jsonPath: '.status.target' },
    condition('REGISTERED', 'Registered'),
    READY,
    { name: 'CONTACT', jsonPath: '.status.registrations[0].uri', priority: 1 },
    { name: 'USERAGENT', jsonPath: '.status.registrations[0].userAgent', priority: 1 },
    REASON,
    AGE,
  ],
  limit: { name: 'users', most: 5000, builtIn: 50, words: 'users' },
  people: 'own',
} as const satisfies KindInfo;

import { z } from 'zod';
import {
  country,
  e164,
  email,
  enumOf,
  hostname,
  integer,
  keyed,
  language,
  metadata,
  NO_EFFECT,
  numberPattern,
  ordered,
  personName,
  reference,
  secretKey,
  secretReference,
  text,
  timezone,
  url,
} from './common.ts';
import { AGE, condition, type KindInfo, READY, REASON } from './kind-info.ts';
import { compliance, exposure, features, limits, PROVIDER } from './organization-settings.ts';
import { organizationStatus } from './organization-status.ts';
import { userDefaults } from './user-defaults.ts';

/** Organization: the tenant. */

const allowed = z
  .strictObject({
    numbers: ordered(
      numberPattern('A number in E.164 format, or the beginning of numbers followed by *, for example +4420*.'),
      256,
      'Numbers that PhoneNumbers of the organization may have. If unset, any.',
    ).optional(),
    emailDomains: ordered(
      hostname('Domain of an e-mail address, for example example.com.'),
      64,
      'Domains that e-mail addresses of users must be in. If unset, any.',
    ).optional(),
  })
  .describe(`What objects of the organization may claim for themselves. ${PROVIDER}`);

const webhook = z
  .strictObject({
    name: text('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 40, 'Name of the webhook, unique in the list.'),
    url: url('Address to which events are sent by POST.'),
    events: ordered(
      z
        .enum(['CallStarted', 'CallAnswered', 'CallEnded', 'CallMissed', 'VoicemailLeft'])
        .describe('Kind of event that is sent.'),
      8,
      'Events that are sent to this webhook.',
    ),
    signingSecretRef: secretKey('the key with which the body is signed').optional(),
  })
  .describe('A receiver of events about calls.');

const OVER_EMERGENCY = {
  rule: "!self.exists(number, number in ['112', '911'])",
  message: '112 and 911 always call for help',
};

const organizationSpec = z
  .strictObject({
    displayName: personName('Name of the organization for people.').optional(),
    className: text(
      '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
      253,
      `Name of the OrganizationClass. Defaults to general. ${PROVIDER}`,
    ).default('general'),
    state: enumOf(
      ['Active', 'Suspended'],
      `Active, or Suspended: new calls get 403, emergency calls excepted, while registrations and running calls go on. Defaults to Active. ${PROVIDER}`,
    ).default('Active'),
    limits: limits.optional(),
    features: features.optional(),
    compliance: compliance.optional(),
    allowed: allowed.optional(),
    exposure: exposure.optional(),
    contact: z
      .strictObject({
        email: email('E-mail address of the contact.').optional(),
        phone: e164('Telephone number of the contact.').optional(),
      })
      .optional()
      .describe('Whom the provider can contact about the organization.'),
    sipDomain: hostname(
      'SIP domain, and realm of the passwords of all phones, unique in the cluster. Phones must be set up anew after a change. Defaults to <name>.<sipDomainSuffix of the class>.',
    ).optional(),
    location: z
      .strictObject({
        name: text('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 253, 'Name of a Location in the same namespace.').optional(),
        country: country('Country, if no Location is named.').optional(),
        timezone: timezone(`Time zone, if no Location is named. ${NO_EFFECT}`).optional(),
        language: language(`Language, if no Location is named. ${NO_EFFECT}`).optional(),
      })
      .optional()
      .describe(
        'Where the organization is: a Location, or a country. It decides how numbers are dialled, and for users without a Location also which numbers are emergency numbers.',
      ),
    extensions: z
      .strictObject({
        minDigits: integer(2, 8, 'Minimum number of digits of an extension. Defaults to 2.').optional(),
        maxDigits: integer(2, 8, 'Maximum number of digits of an extension. Defaults to 8.').optional(),
        reserved: ordered(
          text('^[0-9*#]{1,8}$', 8, 'Number that is kept free.'),
          64,
          'Numbers that no object may have as its extension.',
        ).optional(),
        overEmergency: ordered(
          text('^[0-9]{2,6}$', 6, 'Emergency number that may be an extension.'),
          16,
          `Emergency numbers of the country that may be extensions here, such as rooms 100 to 102. While a SipUser has one as its extension, dialling it rings that user instead of calling for help. 112 and 911 cannot be listed. ${PROVIDER}`,
        )
          .refine(numbers => !numbers.some(number => number === '112' || number === '911'), OVER_EMERGENCY.message)
          .meta({ 'x-kubernetes-validations': [OVER_EMERGENCY] })
          .optional(),
      })
      .optional()
      .describe('Rules for the extensions of the organization.'),
    callerId: z
      .strictObject({
        default: reference(
          'PhoneNumber',
          'PhoneNumber shown as caller ID of outbound calls of users who have none of their own.',
        ).optional(),
      })
      .optional()
      .describe('Caller ID of outbound calls.'),
    userDefaults: userDefaults.optional(),
    dialing: z
      .strictObject({
        premium: enumOf(
          ['Deny', 'Allow'],
          'Whether premium-rate numbers and paid information services can be called. Allow: by users whose permissions.dial has Premium or All. Defaults to Deny.',
        ).optional(),
        service: ordered(
          text(
            '^([0-9]{2,15}|[0-9]{3,14}\\*)$',
            15,
            'Number as it is dialled, or the beginning of numbers followed by *.',
          ),
          64,
          `Short and service numbers that are sent to the carrier as dialled, in addition to those of the country. ${PROVIDER}`,
        ).optional(),
        blockedCountries: ordered(
          country('Country that is blocked.'),
          256,
          `Countries that cannot be called. ${NO_EFFECT}`,
        ).optional(),
        minutesPerUserPerDay: integer(
          0,
          1440,
          `Minutes of outbound calls per user and day; 0 for no limit. ${NO_EFFECT}`,
        ).optional(),
      })
      .optional()
      .describe('Which numbers outside the organization can be called.'),
    blocklist: ordered(
      numberPattern('A number in E.164 format, the beginning of numbers followed by *, or Anonymous.'),
      1000,
      `Callers whose calls are refused. ${NO_EFFECT}`,
    ).optional(),
    parking: z
      .strictObject({
        extension: text('^[0-9]{2,8}$', 8, 'Extension to which a call is transferred to park it.'),
        slots: integer(1, 200, 'Number of calls that can be parked at a time.').optional(),
      })
      .optional()
      .describe(`Call parking. ${NO_EFFECT}`),
    smtp: z
      .strictObject({
        host: hostname('Host name of the mail server.'),
        port: integer(1, 65535, 'Port of the mail server.').optional(),
        secretRef: secretReference('the keys username and password').optional(),
        from: email('Sender address of mails.').optional(),
      })
      .optional()
      .describe(`Mail server by which e-mail is sent. ${NO_EFFECT}`),
    transcription: z
      .strictObject({
        url: url('Address of the transcription service.'),
        secretRef: secretKey('the access token of the service').optional(),
      })
      .optional()
      .describe(`Service that turns voicemail into text. ${NO_EFFECT}`),
    recordings: z
      .strictObject({
        s3: z
          .strictObject({
            endpoint: url('Address of the object store.').optional(),
            bucket: text('^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$', 63, 'Bucket in which recordings are stored.'),
            secretRef: secretReference('the keys accessKeyId and secretAccessKey').optional(),
          })
          .optional()
          .describe('Object store with the API of Amazon S3.'),
      })
      .optional()
      .describe(`Where recordings are stored. ${NO_EFFECT}`),
    tls: z
      .strictObject({ certificateSecretRef: secretReference('the keys tls.crt and tls.key (type kubernetes.io/tls)') })
      .optional()
      .describe(`Certificate of the PBX for SIP over TLS. ${NO_EFFECT}`),
    webhooks: keyed(webhook, ['name'], 20, `Receivers of events about calls. ${NO_EFFECT}`).optional(),
  })
  .describe('Desired state of the organization: its limits, features and network, and the defaults of its users.');

export const organizationSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('Organization'),
  metadata: metadata('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 40),
  spec: organizationSpec,
  status: organizationStatus.optional(),
});
export type Organization = z.infer<typeof organizationSchema>;

export const organizationKind = {
  kind: 'Organization',
  plural: 'organizations',
  singular: 'organization',
  shortNames: ['org'],
  scope: 'Namespaced',
  description:
    'An Organization is a tenant with a PBX of its own. There is one per namespace, and it has the name of the namespace.',
  schema: organizationSchema,
  columns: [
    { name: 'CLASS', jsonPath: '.spec.className' },
    { name: 'STATE', jsonPath: '.spec.state' },
    { name: 'USERS', jsonPath: '.status.usage.users.used', type: 'integer' },
    { name: 'CALLS', jsonPath: '.status.usage.concurrentCalls.used', type: 'integer' },
    { name: 'ADDRESS', jsonPath: '.status.sip.address' },
    READY,
    condition('EMERGENCY', 'EmergencyCalls'),
    REASON,
    condition('RESTARTSAFE', 'RestartSafe', 1),
    AGE,
  ],
  people: 'change',
} as const satisfies KindInfo;

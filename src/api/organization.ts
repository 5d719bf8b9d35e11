import { z } from 'zod';
import {
  cidr,
  country,
  e164,
  email,
  hostname,
  keyed,
  label,
  language,
  metadata,
  numberPattern,
  ordered,
  personName,
  quantity,
  reference,
  secretKey,
  secretReference,
  statusBase,
  stringMap,
  text,
  timezone,
  url,
  whole,
  words,
  yesNo,
} from './common.ts';
import { AGE, condition, type KindInfo, READY, REASON } from './kind-info.ts';
import { userDefaults } from './sip-user.ts';
import { limitShape } from './tenant-kinds.ts';

/** Organization: the tenant. Fields marked "provider" change only with the verb update on organizations/provider. */

export const limits = z
  .strictObject({
    ...limitShape,
    queues: whole(0, 1000, 'CallQueues. Built-in 10').optional(),
    concurrentCalls: whole(
      0,
      2000,
      'Calls at a time; the next caller hears "all circuits are busy". Built-in 30',
    ).optional(),
    monthlyMinutes: whole(0, 100000000, 'Minutes per month; only told, never enforced. Built-in 50000').optional(),
    storage: quantity('Voicemail and recordings; only told, never enforced. Built-in 50Gi.').optional(),
  })
  .describe('How much the organization may have (provider).');

export const features = z
  .strictObject({
    recording: yesNo('Master switch of recording. Built-in true.').optional(),
    webhooks: yesNo('Webhooks. Built-in false.').optional(),
    callTransfer: yesNo('Transfers. Built-in true.').optional(),
    callRecording: yesNo('Recording of calls. Built-in true.').optional(),
    voicemail: yesNo('Voicemail. Built-in true.').optional(),
    conference: yesNo('Conference rooms. Built-in true.').optional(),
    ivr: yesNo('Voice menus. Built-in true.').optional(),
    aiAgent: yesNo('Voice bots. Built-in false.').optional(),
  })
  .describe('What the organization may use (provider); off: not rendered and not callable.');

export const compliance = z
  .strictObject({
    recordingConsent: words(
      ['Announcement', 'External', 'OptOut', 'OptIn'],
      'How callers consent to recording.',
    ).optional(),
    consentAudio: reference('AudioFile that asks for consent').optional(),
    retention: z
      .strictObject({
        cdrDays: whole(1, 36500, 'Days that call records are kept').optional(),
        recordingDays: whole(1, 36500, 'Days that recordings are kept').optional(),
      })
      .optional()
      .describe('How long data is kept.'),
    piiMasking: yesNo('Numbers are masked in call records.').optional(),
  })
  .describe('Rules of law (provider).');

export const exposure = z
  .strictObject({
    signalling: z
      .strictObject({
        type: words(
          ['ClusterIP', 'NodePort', 'LoadBalancer', 'HostNetwork'],
          'Kind of Service. Built-in ClusterIP.',
        ).optional(),
        loadBalancerClass: label('Class of the load balancer.').optional(),
        annotations: stringMap('Annotations of the Service.').optional(),
      })
      .optional()
      .describe('How SIP comes in.'),
    media: z
      .strictObject({ ports: whole(0, 20000, 'RTP ports; 0: 4 per concurrent call and 40').optional() })
      .optional()
      .describe('How audio comes in.'),
    advertisedAddress: text('^[A-Za-z0-9.-]*$', 253, 'Address that phones are told; empty: found out.').optional(),
    localNetworks: ordered(cidr('A network.'), 32, 'Networks that reach the pod without translation.').optional(),
  })
  .describe('How phones reach the PBX.');

const allowed = z
  .strictObject({
    numbers: ordered(
      numberPattern('A number, or a beginning with *.'),
      256,
      'Phone numbers that the organization may claim. Absent: any.',
    ).optional(),
    emailDomains: ordered(hostname('A domain.'), 64, 'Domains of users’ e-mail addresses. Absent: any.').optional(),
  })
  .describe('What may be claimed (provider).');

const webhook = z
  .strictObject({
    name: text('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 40, 'Name of the webhook.'),
    url: url('Where to POST.'),
    events: ordered(
      z.enum(['CallStarted', 'CallAnswered', 'CallEnded', 'CallMissed', 'VoicemailLeft']).describe('An event.'),
      8,
      'Which events.',
    ),
    signingSecretRef: secretKey('the key that signs the body').optional(),
  })
  .describe('A receiver of events.');

const OVER_EMERGENCY = {
  rule: "!self.exists(number, number in ['112', '911'])",
  message: '112 and 911 always call for help',
};

const organizationSpec = z
  .strictObject({
    displayName: personName('Name of the organization.').optional(),
    className: text('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 253, 'OrganizationClass (provider). Default general.').default(
      'general',
    ),
    state: words(
      ['Active', 'Suspended'],
      'Suspended: new calls get 403; registrations and running calls stay (provider).',
    ).default('Active'),
    limits: limits.optional(),
    features: features.optional(),
    compliance: compliance.optional(),
    allowed: allowed.optional(),
    exposure: exposure.optional(),
    contact: z
      .strictObject({ email: email('E-mail address.').optional(), phone: e164('Phone.').optional() })
      .optional()
      .describe('Who to talk to.'),
    sipDomain: hostname(
      'Realm of every credential; changing it recomputes all digests. Default <name>.<suffix of the class>.',
    ).optional(),
    location: z
      .strictObject({
        name: text('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 253, 'Location.').optional(),
        country: country('Country, instead of a Location.').optional(),
        timezone: timezone('Time zone, instead of a Location.').optional(),
        language: language('Language, instead of a Location.').optional(),
      })
      .optional()
      .describe('Where the organization is: a Location by name, or inline.'),
    extensions: z
      .strictObject({
        minDigits: whole(2, 8, 'Shortest extension. Default 2').optional(),
        maxDigits: whole(2, 8, 'Longest extension. Default 8').optional(),
        reserved: ordered(text('^[0-9*#]{1,8}$', 8, 'A number.'), 64, 'Numbers that no user may have.').optional(),
        overEmergency: ordered(
          text('^[0-9]{2,6}$', 6, 'A number.'),
          16,
          'Emergency numbers of the country that may be extensions here, such as rooms 100 to 102; whoever dials one then rings that phone. Has an effect while a SipUser has that extension. Never 112 or 911 (provider).',
        )
          .refine(numbers => !numbers.some(number => number === '112' || number === '911'), OVER_EMERGENCY.message)
          .meta({ 'x-kubernetes-validations': [OVER_EMERGENCY] })
          .optional(),
      })
      .optional()
      .describe('Rules for extensions.'),
    callerId: z
      .strictObject({ default: reference('PhoneNumber that is shown to the called').optional() })
      .optional()
      .describe('What the called see.'),
    userDefaults: userDefaults.optional(),
    dialing: z
      .strictObject({
        premium: words(
          ['Deny', 'Allow'],
          'Premium-rate numbers and paid information: for nobody, or for who may dial All or Premium. Default Deny.',
        ).optional(),
        service: ordered(
          text('^([0-9]{2,15}|[0-9]{3,14}\\*)$', 15, 'A number as dialled, or a beginning with *.'),
          64,
          'Short and service numbers that leave as dialled, beside those of the country (provider).',
        ).optional(),
        blockedCountries: ordered(country('A country.'), 256, 'Countries that may not be called.').optional(),
        minutesPerUserPerDay: whole(0, 1440, 'Outbound minutes per user and day; 0: any').optional(),
      })
      .optional()
      .describe('What may be dialled.'),
    blocklist: ordered(
      numberPattern('A number, a beginning with *, or Anonymous.'),
      1000,
      'Callers who are refused.',
    ).optional(),
    parking: z
      .strictObject({
        extension: text('^[0-9]{2,8}$', 8, 'Number to park at.'),
        slots: whole(1, 200, 'Places').optional(),
      })
      .optional()
      .describe('Call parking.'),
    smtp: z
      .strictObject({
        host: hostname('Mail server.'),
        port: whole(1, 65535, 'Port').optional(),
        secretRef: secretReference('the keys username and password').optional(),
        from: email('Sender.').optional(),
      })
      .optional()
      .describe('How mail is sent.'),
    transcription: z
      .strictObject({ url: url('Endpoint.'), secretRef: secretKey('the token').optional() })
      .optional()
      .describe('Speech to text.'),
    recordings: z
      .strictObject({
        s3: z
          .strictObject({
            endpoint: url('Endpoint.').optional(),
            bucket: text('^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$', 63, 'Bucket.'),
            secretRef: secretReference('the keys accessKeyId and secretAccessKey').optional(),
          })
          .optional()
          .describe('An object store.'),
      })
      .optional()
      .describe('Where recordings go.'),
    tls: z
      .strictObject({ certificateSecretRef: secretReference('tls.crt and tls.key (kubernetes.io/tls)') })
      .optional()
      .describe('SIP over TLS.'),
    webhooks: keyed(webhook, ['name'], 20, 'Receivers of events.').optional(),
  })
  .describe('What the tenant should be.');

const used = z
  .object({
    used: z.union([z.string(), z.number()]).optional().meta({ description: 'In use.', 'x-ringfleet-quantity': true }),
    hard: z.union([z.string(), z.number()]).optional().meta({ description: 'Limit.', 'x-ringfleet-quantity': true }),
  })
  .describe('Use against limit.');

const pod = z
  .object({
    name: z.string().max(253).describe('Pod.'),
    ready: z.boolean().optional().describe('Answers SIP.'),
    generationLoaded: z.string().max(64).optional().describe('Bundle that was read back from Asterisk.'),
    calls: z.number().int().optional().describe('Calls now.'),
    rolling: z.boolean().optional().describe('Will be replaced when it is empty.'),
    asteriskVersion: z.string().max(128).optional().describe('Version of Asterisk.'),
  })
  .describe('A PBX pod.');

const quarantined = z
  .object({
    kind: z.string().max(64).describe('Kind.'),
    name: z.string().max(253).describe('Name.'),
    uid: z.string().max(64).optional().describe('uid.'),
    generation: z.number().int().optional().describe('Generation.'),
    reason: z.string().max(1024).optional().describe('Asterisk’s words.'),
  })
  .describe('An object that Asterisk refused.');

function usageOf<L extends string>(shape: Readonly<Record<L, unknown>>): Record<L, z.ZodOptional<typeof used>> {
  const members = Object.keys(shape).map(name => [name, used.optional()]);
  return Object.fromEntries(members) as Record<L, z.ZodOptional<typeof used>>;
}

const organizationStatus = z
  .object({
    ...statusBase,
    effective: z
      .object({ limits: limits.optional(), features: features.optional(), compliance: compliance.optional() })
      .optional()
      .describe('What is in force after inheritance.'),
    usage: z
      .object({
        ...usageOf(limitShape),
        queues: used.optional(),
        concurrentCalls: used.optional(),
        minutesThisMonth: used.optional(),
        storage: used.optional(),
      })
      .optional()
      .describe('What is used.'),
    sip: z
      .object({
        address: z.string().max(253).optional().describe('Address for phones.'),
        addressSource: z.string().max(32).optional().describe('How it was found.'),
        ports: z
          .object({
            udp: z.number().int().optional().describe('UDP.'),
            tcp: z.number().int().optional().describe('TCP.'),
            tls: z.number().int().optional().describe('TLS.'),
          })
          .optional()
          .describe('Ports for phones.'),
        domain: z.string().max(253).optional().describe('SIP domain.'),
      })
      .optional()
      .describe('How phones reach it.'),
    pbx: z
      .object({
        pods: z
          .array(pod)
          .max(10)
          .optional()
          .meta({ description: 'Pods.', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }),
        quarantined: z
          .array(quarantined)
          .max(100)
          .optional()
          .meta({ description: 'Refused by Asterisk.', 'x-kubernetes-list-type': 'atomic' }),
      })
      .optional()
      .describe('The running PBX.'),
    api: z
      .object({
        serviceAccount: z.string().max(253).optional().describe('ServiceAccount.'),
        credentialsSecret: z.string().max(253).optional().describe('Secret.'),
        rotatedAt: z.string().max(64).optional().describe('Last rotation (RFC 3339).'),
      })
      .optional()
      .describe('API credentials of the tenant.'),
  })
  .describe('What is.');

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
  description: 'A tenant: limits, features, life cycle and its PBX. Bears the name of its namespace.',
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

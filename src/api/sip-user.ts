import { z } from 'zod';
import {
  bool,
  country,
  DNS_LABEL,
  e164,
  email,
  enumOf,
  extension,
  integer,
  keyed,
  metadata,
  NO_EFFECT,
  ordered,
  personName,
  reference,
  text,
} from './common.ts';
import { destination } from './destination.ts';
import { AGE, condition, type KindInfo, READY, REASON } from './kind-info.ts';
import { sipUserStatus } from './sip-user-status.ts';
import { recording, ring, sip, voicemail } from './user-defaults.ts';

/** SipUser: a person (or a bot, a mobile, a shared mailbox) with an extension. */

const followMe = z
  .strictObject({
    active: bool('Whether follow-me is on. Defaults to false.').optional(),
    initialRingSeconds: integer(
      0,
      300,
      'Seconds for which the extension of the user rings first; 0 to skip it.',
    ).optional(),
    numbers: ordered(e164('Number that is rung.'), 10, 'Numbers to ring, in this order.').optional(),
    strategy: enumOf(
      ['RingAll', 'Hunt', 'MemoryHunt'],
      'How numbers are rung: RingAll, all at once; Hunt, one after the other; MemoryHunt, one more each time. Defaults to RingAll.',
    ).optional(),
    callerId: enumOf(
      ['Remote', 'Local'],
      'Number to show: that of the caller (Remote) or of the user (Local). Defaults to Remote.',
    ).optional(),
    announcement: reference('AudioFile', 'Audio file that the caller hears first.').optional(),
    ringSeconds: integer(5, 300, 'Seconds for which each number is rung.').optional(),
    confirm: bool('Whether who answers must press 1 to take the call. Defaults to false.').optional(),
    directCallsOnly: bool(
      'Whether follow-me is only for calls to the extension or a number of the user, not for forwarded ones. Defaults to false.',
    ).optional(),
    onNoAnswer: destination('Where a call goes that no number answered.').optional(),
  })
  .describe(`Follow-me: calls to the user ring other numbers. ${NO_EFFECT}`);

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
    extension: extension(
      'Number by which the user is called inside the organization, 2 to 8 digits. Of two objects with one extension, the older has it.',
    ),
    additionalExtensions: keyed(
      z
        .strictObject({
          number: extension('Extension of 2 to 8 digits.'),
          scope: enumOf(
            ['Internal', 'External', 'Both'],
            'From where the extension can be dialled: inside, outside or both. Defaults to Both.',
          ).default('Both'),
        })
        .describe('An extension beside spec.extension.'),
      ['number'],
      20,
      `More extensions of the same user. ${NO_EFFECT}`,
    ).optional(),
    firstName: personName('Given name of the user. Set it with lastName, or set fullName.').optional(),
    lastName: personName('Family name of the user. Set it with firstName, or set fullName.').optional(),
    fullName: personName('Full name of the user, instead of firstName and lastName.').optional(),
    email: email('E-mail address of the user. Only one SipUser of the whole cluster can have it.').optional(),
    mobile: e164('Mobile number of the user, for information only.').optional(),
    role: enumOf(
      ['Owner', 'Admin', 'Supervisor', 'Agent', 'Receptionist', 'User'],
      `Role of the user in the PBX. Defaults to Agent. The values Owner, Admin, Supervisor and Receptionist have no effect in this release.`,
    ).default('Agent'),
    enabled: bool(
      'Whether the user is in service. false: phones cannot register, are not called, and cannot call, not even emergency numbers. Calls that are up end. Defaults to true.',
    ).default(true),
    location: reference('Location', 'Location of the user. Defaults to that of the Organization.').optional(),
    ring: ring.optional(),
    followMe: followMe.optional(),
    voicemail: voicemail.optional(),
    callerId: z
      .strictObject({
        default: reference(
          'PhoneNumber',
          'PhoneNumber shown as caller ID of outbound calls. Defaults to callerId.default of the Organization.',
        ).optional(),
        byCountry: keyed(
          z
            .strictObject({
              country: country('Country of the called number.'),
              number: reference('PhoneNumber', 'PhoneNumber shown in calls to this country.'),
            })
            .describe('The number to show in one country.'),
          ['country'],
          64,
          `Caller IDs for calls to particular countries. ${NO_EFFECT}`,
        ).optional(),
      })
      .optional()
      .describe('Caller ID of outbound calls of the user.'),
    recording: recording.optional(),
    permissions: z
      .strictObject({
        followMe: bool(`Whether the user may use follow-me. ${NO_EFFECT}`).optional(),
        adHocRecording: bool(`Whether the user may record a call with ##. ${NO_EFFECT}`).optional(),
        monitorOthers: bool(`Whether the user may listen to calls of others. ${NO_EFFECT}`).optional(),
        dial: ordered(
          z
            .enum(['Internal', 'National', 'International', 'Service', 'Premium', 'All'])
            .describe(
              'Class of numbers. National includes Service. All is every class, Premium only where the Organization allows it.',
            ),
          6,
          'Classes of numbers that the user can dial; extensions and emergency numbers always. Premium needs dialing.premium: Allow in the Organization. Defaults to All.',
        ).optional(),
      })
      .optional()
      .describe('What the user may do.'),
    pickupGroups: ordered(
      text(DNS_LABEL, 40, 'Group of users who pick up calls of each other.'),
      20,
      `Groups whose calls the user may pick up. ${NO_EFFECT}`,
    ).optional(),
    musicOnHold: reference('AudioFile', `Audio that callers on hold hear. ${NO_EFFECT}`).optional(),
    sip: sip.optional(),
    emergency: z
      .strictObject({
        enabled: bool(`Whether emergency calls carry the address of the Location. ${NO_EFFECT}`).optional(),
      })
      .optional()
      .describe('Settings for emergency calls of the user.'),
  })
  .superRefine((spec, context) => {
    if ((spec.fullName !== undefined) === (spec.firstName !== undefined || spec.lastName !== undefined)) {
      context.addIssue({ code: 'custom', path: ['fullName'], message: NAME_RULE.message });
    }
  })
  .meta({ description: 'Desired state of the user.', 'x-kubernetes-validations': [NAME_RULE, FOLLOW_RULE] });

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
  description:
    'A SipUser is a user with an extension, phones and a mailbox. The credentials for its phones are in the Secret <user>-sip.',
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

import { z } from 'zod';
import {
  bool,
  cidr,
  enumOf,
  integer,
  label,
  NO_EFFECT,
  ordered,
  quantity,
  reference,
  stringMap,
  text,
} from './common.ts';
import { limitShape } from './tenant-kinds.ts';

/** Settings of an Organization that an OrganizationClass may give as well. */

export const PROVIDER = 'Only the provider may change it (verb update on organizations/provider).';
/** Where a value comes from that the Organization does not set. */
const fromClass = (builtIn: string | number) => `If unset, the default of the class applies, or else ${builtIn}.`;

/** `unset`: what holds where a member is not set, of which the built-in value is known. */
const limitsWith = (description: string, unset: (builtIn: string | number) => string) =>
  z
    .strictObject({
      ...limitShape(unset),
      queues: integer(0, 1000, `Maximum number of CallQueue objects. ${unset(10)} ${NO_EFFECT}`).optional(),
      concurrentCalls: integer(
        0,
        2000,
        `Maximum number of calls at a time, internal ones included. Callers above it hear "all circuits are busy now" and get 503; emergency calls are not limited. ${unset(30)}`,
      ).optional(),
      monthlyMinutes: integer(
        0,
        100000000,
        `Minutes of calls per month, for information: they are not enforced. ${unset(50000)} ${NO_EFFECT}`,
      ).optional(),
      storage: quantity(
        `Storage for voicemail and recordings, for information: it is not enforced. ${unset('50Gi')} ${NO_EFFECT}`,
      ).optional(),
    })
    .describe(description);

export const limits = limitsWith(`How much the organization may have. ${PROVIDER}`, fromClass);

/** The most that an Organization may set for each. */
export const ceilings = limitsWith('Highest value of each limit.', () => 'If unset, there is no upper bound.');

export const features = z
  .strictObject({
    recording: bool(`Whether anything may be recorded. ${fromClass('true')} ${NO_EFFECT}`).optional(),
    webhooks: bool(`Whether webhooks are sent. ${fromClass('false')} ${NO_EFFECT}`).optional(),
    callTransfer: bool(`Whether users may transfer calls. ${fromClass('true')}`).optional(),
    callRecording: bool(`Whether calls may be recorded. ${fromClass('true')} ${NO_EFFECT}`).optional(),
    voicemail: bool(`Whether users have mailboxes. ${fromClass('true')}`).optional(),
    conference: bool(`Whether there may be conference rooms. ${fromClass('true')} ${NO_EFFECT}`).optional(),
    ivr: bool(`Whether there may be voice menus. ${fromClass('true')} ${NO_EFFECT}`).optional(),
    aiAgent: bool(`Whether voice bots may take calls. ${fromClass('false')} ${NO_EFFECT}`).optional(),
  })
  .describe(`Features that the organization may use. What is off cannot be called. ${PROVIDER}`);

export const compliance = z
  .strictObject({
    recordingConsent: enumOf(
      ['Announcement', 'External', 'OptOut', 'OptIn'],
      `How callers consent to being recorded: Announcement, they are told; External, elsewhere; OptOut, they may refuse; OptIn, they must agree. ${NO_EFFECT}`,
    ).optional(),
    consentAudio: reference('AudioFile', `Audio file that asks for consent. ${NO_EFFECT}`).optional(),
    retention: z
      .strictObject({
        cdrDays: integer(1, 36500, 'Days for which call detail records are kept.').optional(),
        recordingDays: integer(1, 36500, 'Days for which recordings are kept.').optional(),
      })
      .optional()
      .describe(`How long data is kept. ${NO_EFFECT}`),
    piiMasking: bool(`Whether telephone numbers are masked in call detail records. ${NO_EFFECT}`).optional(),
  })
  .describe(`Settings that the law asks for. ${PROVIDER}`);

export const exposure = z
  .strictObject({
    signalling: z
      .strictObject({
        type: enumOf(
          ['ClusterIP', 'NodePort', 'LoadBalancer', 'HostNetwork'],
          'Type of the Service <organization>-sip. LoadBalancer carries SIP and audio; with ClusterIP and NodePort, audio is sent to the address of the pod. Defaults to ClusterIP. HostNetwork has no effect in this release and is refused.',
        ).optional(),
        loadBalancerClass: label('The spec.loadBalancerClass of the Service, used with type LoadBalancer.').optional(),
        annotations: stringMap('Annotations to set on the Service, for example for a cloud load balancer.').optional(),
      })
      .optional()
      .describe('How SIP requests reach the PBX.'),
    media: z
      .strictObject({
        ports: integer(
          0,
          20000,
          'Number of UDP ports for RTP, from 10000 on. 0, the default: computed from limits.concurrentCalls and sip.maxContacts (160 to 10,240).',
        ).optional(),
      })
      .optional()
      .describe('How audio (RTP) reaches the PBX.'),
    advertisedAddress: text(
      '^[A-Za-z0-9.-]*$',
      253,
      'IP address or name that phones use for the PBX. If empty, the address of the Service is used, or else that of the pod.',
    ).optional(),
    localNetworks: ordered(
      cidr('Network without NAT on the way to the pod.'),
      32,
      'Networks from which the pod is reached without NAT: they are sent its own address instead of the advertised one.',
    ).optional(),
  })
  .describe('How phones and carriers reach the PBX over the network.');

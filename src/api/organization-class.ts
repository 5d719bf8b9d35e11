import { z } from 'zod';
import {
  clockTime,
  hostname,
  label,
  metadata,
  quantity,
  statusBase,
  stringMap,
  text,
  timezone,
  whole,
} from './common.ts';
import { AGE, type KindInfo } from './kind-info.ts';
import { compliance, exposure, features, limits } from './organization.ts';
import { userDefaults } from './sip-user.ts';

/** OrganizationClass: what the platform offers. Cluster-scoped, the provider's. */

const storage = (what: string) =>
  z
    .strictObject({
      size: quantity('Size of the claim.').optional(),
      storageClassName: label('StorageClass; absent: the default one.').optional(),
    })
    .describe(`Claim for ${what}; absent: an emptyDir, said in status.`);

const resources = z
  .strictObject({
    requests: stringMap('Requests, e.g. cpu: 100m.', 8).optional(),
    limits: stringMap('Limits, e.g. memory: 512Mi.', 8).optional(),
  })
  .describe('Resources of the Asterisk container; empty: computed from users and calls.');

const organizationClassSpec = z
  .strictObject({
    allowedNamespaces: z
      .strictObject({ matchLabels: stringMap('Labels that a namespace must have.').optional() })
      .optional()
      .describe('Who may use the class. Absent: all.'),
    defaults: z
      .strictObject({
        limits: limits.optional(),
        features: features.optional(),
        compliance: compliance.optional(),
        userDefaults: userDefaults.optional(),
      })
      .optional()
      .describe('What an Organization may leave out.'),
    ceilings: z
      .strictObject({ limits: limits.optional() })
      .optional()
      .describe('The most that an Organization may ask for.'),
    pbx: z
      .strictObject({
        image: text(
          '^[A-Za-z0-9._:/@-]*$',
          512,
          'Image of agent and Asterisk; empty: that of this release.',
        ).optional(),
        resources: resources.optional(),
        storage: z
          .strictObject({
            state: storage('registrations and the last known good configuration').optional(),
            media: storage('voicemail and recordings').optional(),
          })
          .optional()
          .describe('What survives the pod.'),
        roll: z
          .strictObject({
            window: z
              .strictObject({
                start: clockTime('Start.'),
                durationMinutes: whole(1, 1440, 'Length, minutes'),
                timezone: timezone('Time zone.').optional(),
              })
              .optional()
              .describe('When pods may be replaced. Absent: at any time that is quiet.'),
            deadlineSeconds: whole(
              0,
              86400,
              'After so many seconds new calls are refused (for at most 120 s) and the rest are ended. Built-in 7200',
            ).optional(),
          })
          .optional()
          .describe('How pods are replaced.'),
      })
      .optional()
      .describe('The PBX of each organization.'),
    exposure: exposure.optional(),
    sipDomainSuffix: hostname('Default domain of an organization: <name>.<suffix>.').optional(),
  })
  .describe('What the platform offers.');

export const organizationClassSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('OrganizationClass'),
  metadata: metadata('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 253),
  spec: organizationClassSpec,
  status: z
    .object({ ...statusBase })
    .describe('What is.')
    .optional(),
});
export type OrganizationClass = z.infer<typeof organizationClassSchema>;

export const organizationClassKind = {
  kind: 'OrganizationClass',
  plural: 'organizationclasses',
  singular: 'organizationclass',
  shortNames: ['orgclass'],
  scope: 'Cluster',
  description: 'What the platform offers to organizations: presets, ceilings, PBX template, exposure.',
  schema: organizationClassSchema,
  columns: [AGE],
  people: 'nothing',
} as const satisfies KindInfo;

import { z } from 'zod';
import {
  clockTime,
  hostname,
  integer,
  label,
  metadata,
  quantity,
  statusBase,
  stringMap,
  text,
  timezone,
} from './common.ts';
import { AGE, type KindInfo } from './kind-info.ts';
import { ceilings, compliance, exposure, features, limits } from './organization-settings.ts';
import { userDefaults } from './user-defaults.ts';

/** OrganizationClass: what the provider of the platform offers to organizations. Cluster-scoped. */

const storage = (what: string, size: string) =>
  z
    .strictObject({
      size: quantity(`Size of the volume. Defaults to ${size}.`).optional(),
      storageClassName: label('StorageClass of the volume. Defaults to the default one of the cluster.').optional(),
    })
    .describe(
      `PersistentVolumeClaim for ${what}. If unset, an emptyDir is used, whose content is lost with the pod (condition StateEphemeral).`,
    );

const resources = z
  .strictObject({
    requests: stringMap('Requests by resource, for example cpu: 100m.', 8).optional(),
    limits: stringMap('Limits by resource, for example memory: 512Mi.', 8).optional(),
  })
  .describe(
    'Resources of the Asterisk container. If empty, they are computed from limits.users and limits.concurrentCalls.',
  );

const organizationClassSpec = z
  .strictObject({
    allowedNamespaces: z
      .strictObject({ matchLabels: stringMap('Labels that the namespace must have, all of them.').optional() })
      .optional()
      .describe('Namespaces whose Organization may use the class. If unset, all may.'),
    defaults: z
      .strictObject({
        limits: limits.optional(),
        features: features.optional(),
        compliance: compliance.optional(),
        userDefaults: userDefaults.optional(),
      })
      .optional()
      .describe('Values for fields that an Organization leaves unset.'),
    ceilings: z
      .strictObject({ limits: ceilings.optional() })
      .optional()
      .describe('Upper bounds of what an Organization may set. A higher value is refused with reason AboveCeiling.'),
    pbx: z
      .strictObject({
        image: text(
          '^[A-Za-z0-9._:/@-]*$',
          512,
          'Container image of the PBX: Asterisk and its agent. If empty, the one that the operator is configured with.',
        ).optional(),
        resources: resources.optional(),
        storage: z
          .strictObject({
            state: storage('registrations and the last known good configuration', '1Gi').optional(),
            media: storage('voicemail and recordings', '10Gi').optional(),
          })
          .optional()
          .describe('Volumes of the PBX, whose content survives the replacement of the pod.'),
        roll: z
          .strictObject({
            window: z
              .strictObject({
                start: clockTime('Time of day at which the window opens.'),
                durationMinutes: integer(1, 1440, 'Length of the window in minutes.'),
                timezone: timezone('Time zone of start. Defaults to UTC.').optional(),
              })
              .optional()
              .describe(
                'Daily maintenance window in which pods are replaced. If unset, a pod is replaced as soon as it has no call.',
              ),
            deadlineSeconds: integer(
              0,
              86400,
              'Seconds that a pod which is to be replaced waits for its calls to end. Then it refuses new calls, for 120 seconds at most, and the remaining calls are ended. Defaults to 7200.',
            ).optional(),
          })
          .optional()
          .describe('How and when PBX pods are replaced after a change of image or configuration.'),
      })
      .optional()
      .describe('Template of the PBX pod of each organization.'),
    exposure: exposure.optional(),
    sipDomainSuffix: hostname(
      'Suffix of the default SIP domain: that of an Organization is <name>.<suffix>. Defaults to pbx.invalid.',
    ).optional(),
  })
  .describe('What the class offers to the organizations that use it.');

export const organizationClassSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('OrganizationClass'),
  metadata: metadata('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 253),
  spec: organizationClassSpec,
  status: z
    .object({ ...statusBase })
    .describe(
      'Observed state of the class. Nothing is written to it in this release: Organizations report its problems.',
    )
    .optional(),
});
export type OrganizationClass = z.infer<typeof organizationClassSchema>;

export const organizationClassKind = {
  kind: 'OrganizationClass',
  plural: 'organizationclasses',
  singular: 'organizationclass',
  shortNames: ['orgclass'],
  scope: 'Cluster',
  description:
    'An OrganizationClass is what the provider offers to organizations: defaults, upper bounds, the template of the PBX, and its exposure.',
  schema: organizationClassSchema,
  columns: [AGE],
  people: 'nothing',
} as const satisfies KindInfo;

import { z } from 'zod';
import { listedKinds, listName } from './lists.ts';

/**
 * What can be set of a tenant's chart: one source of values.yaml, with a comment for each, and of values.schema.json. What
 * the kinds have is put in by `chart.ts`.
 */
export function tenantValues(): z.ZodType {
  return z.strictObject({
    ...place(),
    organization: anything(
      'Spec of the Organization; optionally labels and annotations. Example: {sipDomain: acme.example, location: ' +
        '{country: US}, limits: {users: 100}}',
    ),
    ...Object.fromEntries(
      listedKinds.map(info => [
        listName(info),
        z
          .array(z.unknown())
          .default([])
          .describe(
            `List of ${info.kind}. ${info.description} Each item has a name and the fields of the spec; optionally labels ` +
              'and annotations.',
          ),
      ]),
    ),
    secrets: list(
      'Secrets, for a trial: they are also in the Secret of the release, and in Git if the values are. In production create ' +
        'them by other means. Example: [{name: carrier, data: {username: acme, password: secret}}]',
      z.strictObject({
        name: z
          .string()
          .max(253)
          .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
          .describe('Name of the Secret.'),
        data: z.record(z.string(), z.string()).describe('Its keys, as plain text.'),
      }),
    ),
    ...leaving(),
    ...pods(),
    labels: words('Labels of all objects.'),
    annotations: words('Annotations of all objects.'),
    global: anything(
      'Values that a parent chart shares with its subcharts. ringfleet.image.registry, operator and pbx are the defaults of image.',
    ),
  });
}

function place(): z.ZodRawShape {
  return {
    namespace: z
      .string()
      .max(40)
      .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/)
      .default('')
      .describe('Namespace of the tenant, and name of its Organization. Empty: the namespace of the release.'),
    createNamespace: z.boolean().default(false).describe('Create that namespace, when the release is in another one.'),
    namespaceLabels: words(
      'Labels of the namespace that is created. It enforces the restricted level of Pod Security unless they set another.',
    ),
    namespaceAnnotations: words('Annotations of the namespace that is created.'),
  };
}

function leaving(): z.ZodRawShape {
  return {
    deletion: z
      .enum(['refuse', 'cascade', 'purge'])
      .default('refuse')
      .describe(
        'What `helm uninstall` does with a tenant that has users, numbers or trunks. refuse: it fails and deletes nothing. ' +
          'cascade: it deletes all objects, except a namespace that this release created, whose claims have voicemail. ' +
          'purge: it deletes that namespace too. Calls in progress go on, as when a pod is replaced. helm uninstall takes ' +
          'no values: change this with an upgrade before.',
      ),
  };
}

function pods(): z.ZodRawShape {
  return {
    image: group('Images of the pods of this release, which run only during helm uninstall and helm test.', {
      registry: text(
        'Registry of both images, as in the chart of the operator. Required for deletion: refuse and for helm test.',
      ),
      operator: image('Image of the check before helm uninstall.', 'ringfleet-operator'),
      pbx: image('Image of the phones of helm test.', 'ringfleet-pbx'),
      pullPolicy: z
        .enum(['IfNotPresent', 'Always', 'Never'])
        .default('IfNotPresent')
        .describe('Pull policy of both images.'),
    }),
    imagePullSecrets: list(
      'Secrets in the namespace of the tenant to pull these images with. Example: [{name: registry}].',
      z.strictObject({ name: z.string().min(1).describe('Name of the Secret.') }),
    ),
    nodeSelector: words('Node selector of these pods.'),
    tolerations: list('Tolerations of these pods.', z.record(z.string(), z.unknown())),
    test: group(
      'What helm test does: it creates two users, one calls the other, each must hear the other. It needs room for them in ' +
        'limits.users, and deletes both.',
      {
        enabled: z.boolean().default(true).describe('Whether the release has this test.'),
        caller: extension('the caller', '1'),
        called: extension('the user who is called', '2'),
      },
    ),
  };
}

function extension(whose: string, last: string): z.ZodType {
  return z
    .string()
    .regex(/^([0-9]{2,8})?$/)
    .default('')
    .describe(
      `Unused extension for ${whose}. Empty: the longest that the Organization allows, all digits 7 except the last, ${last}.`,
    );
}

/** A member with members: whoever sets none of them has all defaults. */
const group = (description: string, shape: z.ZodRawShape): z.ZodType =>
  z.strictObject(shape).optional().describe(description);
const text = (description: string): z.ZodType => z.string().default('').describe(description);
const words = (description: string): z.ZodType => z.record(z.string(), z.string()).default({}).describe(description);
const list = (description: string, item: z.ZodType): z.ZodType => z.array(item).default([]).describe(description);
const anything = (description: string): z.ZodType =>
  z.record(z.string(), z.unknown()).default({}).describe(description);

function image(description: string, repository: string): z.ZodType {
  return group(description, {
    repository: text(`Repository in the registry. Empty: ${repository}.`),
    tag: text('Tag. Empty: the appVersion of the chart.'),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .default('')
      .describe('Digest (sha256:…), used instead of the tag.'),
  });
}

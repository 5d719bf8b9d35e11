import { z } from 'zod';
import { country, e164, metadata, personName, reference, statusBase } from './common.ts';
import { destination } from './destination.ts';
import { AGE, type KindInfo, READY, REASON } from './kind-info.ts';

/** PhoneNumber: an inbound number and where it leads; an outbound caller ID. */

export const phoneNumberSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('PhoneNumber'),
  metadata: metadata('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 63),
  spec: z
    .strictObject({
      number: e164('The number, unique on the platform.'),
      trunk: reference('Trunk that it comes by').optional(),
      displayName: personName('What it is for.').optional(),
      destination: destination('Where its calls go; absent: it is a caller ID only.').optional(),
      country: country('Country of the number.').optional(),
    })
    .describe('What the number should be.'),
  status: z
    .object({ ...statusBase })
    .describe('What is.')
    .optional(),
});
export type PhoneNumber = z.infer<typeof phoneNumberSchema>;

export const phoneNumberKind = {
  kind: 'PhoneNumber',
  plural: 'phonenumbers',
  singular: 'phonenumber',
  shortNames: ['did'],
  scope: 'Namespaced',
  description: 'An inbound number and where it leads; an outbound caller ID.',
  schema: phoneNumberSchema,
  columns: [
    { name: 'NUMBER', jsonPath: '.spec.number' },
    { name: 'TRUNK', jsonPath: '.spec.trunk.name' },
    READY,
    REASON,
    AGE,
  ],
  limit: { name: 'phoneNumbers', most: 10_000, builtIn: 10, words: 'numbers' },
  people: 'own',
} as const satisfies KindInfo;

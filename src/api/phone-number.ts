import { z } from 'zod';
import { country, e164, metadata, NO_EFFECT, personName, reference, statusBase } from './common.ts';
import { destination } from './destination.ts';
import { AGE, type KindInfo, READY, REASON } from './kind-info.ts';

/** PhoneNumber: an inbound number (DID) and its destination; a caller ID for outbound calls. */

export const phoneNumberSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('PhoneNumber'),
  metadata: metadata('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 63),
  spec: z
    .strictObject({
      number: e164('The number. Only one PhoneNumber of the whole cluster can have it.'),
      trunk: reference(
        'Trunk',
        'Trunk over which calls to the number come in. It must exist; if it is out of service, Ready is False. Calls that come in over another Trunk are accepted too.',
      ).optional(),
      displayName: personName('Name for people that says what the number is for.').optional(),
      destination: destination('Where calls to the number go. If unset, the number is only a caller ID.').optional(),
      country: country(`Country of the number. ${NO_EFFECT}`).optional(),
    })
    .describe('Desired properties of the phone number.'),
  status: z
    .object({ ...statusBase })
    .describe('Observed state of the phone number, written by the operator.')
    .optional(),
});
export type PhoneNumber = z.infer<typeof phoneNumberSchema>;

export const phoneNumberKind = {
  kind: 'PhoneNumber',
  plural: 'phonenumbers',
  singular: 'phonenumber',
  shortNames: ['did'],
  scope: 'Namespaced',
  description:
    'A PhoneNumber is a public telephone number (DID): it routes inbound calls to a destination, and can be shown as caller ID.',
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

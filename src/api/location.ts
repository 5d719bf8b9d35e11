import { z } from 'zod';
import {
  bool,
  country,
  email,
  language,
  metadata,
  NO_EFFECT,
  ordered,
  personName,
  reference,
  statusBase,
  text,
  timezone,
} from './common.ts';
import { AGE, type KindInfo, READY, REASON } from './kind-info.ts';

/** Location: where users are, for national dialling and emergency calls. */

export const locationSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('Location'),
  metadata: metadata('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 63),
  spec: z
    .strictObject({
      country: country('Country of the location: its emergency numbers apply.'),
      timezone: timezone(`Time zone of the location. ${NO_EFFECT}`).optional(),
      language: language(`Language of prompts. ${NO_EFFECT}`).optional(),
      areaCode: text(
        '^[0-9]*$',
        8,
        'Area code of the location. Its users can dial numbers of this area without it. Only used where the country is that of the Organization.',
      ).optional(),
      emergency: z
        .strictObject({
          enabled: bool(`Whether emergency calls are possible. Defaults to true. ${NO_EFFECT}`).optional(),
          numbers: ordered(
            text('^[0-9]{2,6}$', 6, 'Emergency number of 2 to 6 digits.'),
            16,
            'Emergency numbers that users at this location dial. Defaults to those of the country. 112 and 911 are always emergency numbers as well.',
          ).optional(),
          trunk: reference(
            'Trunk',
            'Trunk that emergency calls are tried on first; the others follow. If unset, the oldest Trunk is first.',
          ).optional(),
          callerId: reference(
            'PhoneNumber',
            'PhoneNumber shown as caller ID of emergency calls. Defaults to the caller ID of the user.',
          ).optional(),
          notify: ordered(
            email('E-mail address that is notified.'),
            16,
            `E-mail addresses that are notified of an emergency call. ${NO_EFFECT}`,
          ).optional(),
          address: z
            .strictObject({
              country: country('Country of the address.').optional(),
              city: personName('City of the address.').optional(),
              street: personName('Street of the address.').optional(),
              houseNumber: text('^[0-9A-Za-z /-]*$', 16, 'House number in the street.').optional(),
              floor: text('^[0-9A-Za-z -]*$', 16, 'Floor in the building.').optional(),
              room: text('^[0-9A-Za-z -]*$', 32, 'Room in the building.').optional(),
              postalCode: text('^[0-9A-Za-z -]*$', 16, 'Postal code of the address.').optional(),
            })
            .optional()
            .describe(`Civic address that is sent with emergency calls as PIDF-LO (RFC 4119). ${NO_EFFECT}`),
        })
        .optional()
        .describe(
          'How emergency calls are made from this location. Limits, suspension and permissions never stop such a call.',
        ),
    })
    .describe('Desired properties of the location.'),
  status: z
    .object({ ...statusBase })
    .describe('Observed state of the location, written by the operator.')
    .optional(),
});
export type Location = z.infer<typeof locationSchema>;

export const locationKind = {
  kind: 'Location',
  plural: 'locations',
  singular: 'location',
  shortNames: ['loc'],
  scope: 'Namespaced',
  description:
    'A Location is a place where users are: its country, its area code, and how emergency calls are made from it.',
  schema: locationSchema,
  columns: [
    { name: 'COUNTRY', jsonPath: '.spec.country' },
    { name: 'TIMEZONE', jsonPath: '.spec.timezone' },
    READY,
    REASON,
    AGE,
  ],
  people: 'own',
} as const satisfies KindInfo;

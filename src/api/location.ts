import { z } from 'zod';
import {
  country,
  email,
  language,
  metadata,
  ordered,
  personName,
  reference,
  statusBase,
  text,
  timezone,
  yesNo,
} from './common.ts';
import { AGE, type KindInfo, READY, REASON } from './kind-info.ts';

/** Location: country, tones, national dialling, emergency. */

export const locationSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('Location'),
  metadata: metadata('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', 63),
  spec: z
    .strictObject({
      country: country('Country.'),
      timezone: timezone('Time zone.').optional(),
      language: language('Language of prompts.').optional(),
      areaCode: text('^[0-9]*$', 8, 'Area code: subscribers’ numbers can be dialled without it.').optional(),
      emergency: z
        .strictObject({
          enabled: yesNo('Emergency calls are possible. Default true.').optional(),
          numbers: ordered(
            text('^[0-9]{2,6}$', 6, 'A number.'),
            16,
            'Emergency numbers. Default those of the country; 112 and 911 always count as well.',
          ).optional(),
          trunk: reference('Trunk that emergency calls take').optional(),
          callerId: reference('PhoneNumber that emergency calls show').optional(),
          notify: ordered(email('An address.'), 16, 'Who is told of an emergency call.').optional(),
          address: z
            .strictObject({
              country: country('Country.').optional(),
              city: personName('City.').optional(),
              street: personName('Street.').optional(),
              houseNumber: text('^[0-9A-Za-z /-]*$', 16, 'Number in the street.').optional(),
              floor: text('^[0-9A-Za-z -]*$', 16, 'Floor.').optional(),
              room: text('^[0-9A-Za-z -]*$', 32, 'Room.').optional(),
              postalCode: text('^[0-9A-Za-z -]*$', 16, 'Postal code.').optional(),
            })
            .optional()
            .describe('Civic address that travels as PIDF-LO.'),
        })
        .optional()
        .describe('Emergency calls; they pass before limits, suspension and permissions.'),
    })
    .describe('What the location is.'),
  status: z
    .object({ ...statusBase })
    .describe('What is.')
    .optional(),
});
export type Location = z.infer<typeof locationSchema>;

export const locationKind = {
  kind: 'Location',
  plural: 'locations',
  singular: 'location',
  shortNames: ['loc'],
  scope: 'Namespaced',
  description: 'Country, tones, national dialling and emergency calls of a place.',
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

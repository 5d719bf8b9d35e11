import { unknownCountry } from '../../checks/country.ts';
import type { KindModule } from '../module.ts';
import { areaElsewhere, CHECKS } from './checks.ts';
import { notYet } from './not-yet.ts';

/** Location: a place, whose country and emergency calls hold for who is at it. It has no text of its own. */
export const location = {
  judge: (locations, index) =>
    locations.map(object => ({
      object,
      faults: CHECKS.flatMap(check => check(object, index) ?? []),
      notes: [
        ...notYet(object.spec),
        ...unknownCountry(object.spec.country, 'spec.country'),
        ...areaElsewhere(object, index.tenant),
      ],
    })),
} satisfies KindModule<'Location'>;

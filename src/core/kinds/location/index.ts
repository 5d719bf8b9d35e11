import { unknownCountry } from '../../checks/country.ts';
import type { KindModule } from '../module.ts';
import { areaElsewhere, CHECKS } from './checks.ts';
import { notYet } from './not-yet.ts';

/** Location: a place with a country and emergency settings for its users. It has no text of its own. */
export const location = {
  evaluate: (locations, index) =>
    locations.map(object => ({
      object,
      degradations: CHECKS.flatMap(check => check(object, index) ?? []),
      notices: [
        ...notYet(object.spec),
        ...unknownCountry(object.spec.country, 'spec.country'),
        ...areaElsewhere(object, index.tenant),
      ],
    })),
} satisfies KindModule<'Location'>;

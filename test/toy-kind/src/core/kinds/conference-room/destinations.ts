import { notServed } from '../../checks/destination.ts';
import { missing } from '../../checks/reference.ts';
import type { Next, TenantIndex } from '../../tenant-index/tenant-index.ts';

/** How calls reach a room, by the member of a destination. */
export const destinations = {
  conference: ({ name }: { name: string }, field: string, { objects, unserved }: TenantIndex): Next => {
    if (!objects.ConferenceRoom.get(name)) return { violation: missing('ConferenceRoom', name, field) };
    const off = notServed(`ConferenceRoom ${name}`, unserved.ConferenceRoom.get(name), field);
    return off ?? { word: `conference:${name}` };
  },
};

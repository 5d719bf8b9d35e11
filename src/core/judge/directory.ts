import type { Location, PhoneNumber, SipUser, Trunk } from '../../api/index.ts';
import type { Features, Tenant } from '../tenant.ts';
import { byAge } from '../verdict.ts';
import type { World } from '../world.ts';

/** Who is who in a tenant: built once, read by all checks. The order of the input never matters. */
export interface Directory {
  readonly tenant: Tenant;
  readonly world: World;
  readonly features: Features;
  readonly users: readonly SipUser[];
  readonly userByName: ReadonlyMap<string, SipUser>;
  /** Extension → name of the user who has it: the oldest who wants it. */
  readonly userByExtension: ReadonlyMap<string, string>;
  /** E-mail in lower case → name of the oldest user here who has it. */
  readonly userByEmail: ReadonlyMap<string, string>;
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly numbers: ReadonlyMap<string, PhoneNumber>;
  readonly locations: ReadonlyMap<string, Location>;
  readonly emergency: ReadonlySet<string>;
  /** Place in the order of age, from 0: what the limits count by. */
  readonly rank: ReadonlyMap<object, number>;
}

export function directoryOf(world: World, tenant: Tenant, emergency: readonly string[]): Directory {
  const users = [...world.users].sort(byAge);
  const rank = new Map<object, number>();
  for (const list of [users, [...world.trunks].sort(byAge), [...world.numbers].sort(byAge)]) {
    for (const [place, object] of list.entries()) rank.set(object, place);
  }
  return {
    tenant,
    world,
    features: tenant.features,
    users,
    userByName: new Map(users.map(user => [user.metadata.name, user])),
    userByExtension: firstBy(users, user => user.spec.extension),
    userByEmail: firstBy(users, user => user.spec.email?.toLowerCase()),
    trunks: new Map(world.trunks.map(trunk => [trunk.metadata.name, trunk])),
    numbers: new Map(world.numbers.map(number => [number.metadata.name, number])),
    locations: new Map(world.locations.map(location => [location.metadata.name, location])),
    emergency: new Set(emergency),
    rank,
  };
}

function firstBy(users: readonly SipUser[], keyOf: (user: SipUser) => string | undefined): Map<string, string> {
  const first = new Map<string, string>();
  for (const user of users) {
    const key = keyOf(user);
    if (key !== undefined && !first.has(key)) first.set(key, user.metadata.name);
  }
  return first;
}

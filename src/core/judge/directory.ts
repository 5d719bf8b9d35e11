import type { Location, PhoneNumber, SipUser, Trunk } from '../../api/index.ts';
import type { Features, Tenant } from '../tenant.ts';
import { byAge } from '../verdict.ts';
import type { Claimant, SecretView, World } from '../world.ts';

/** What a check may ask a map: one key. */
interface Lookup<K, V> {
  get(key: K): V | undefined;
}

/** Who is who in a tenant: built once, read by all checks. The order of the input never matters. */
export interface Directory {
  readonly tenant: Tenant;
  readonly world: World;
  readonly features: Features;
  readonly users: readonly SipUser[];
  readonly userByName: Lookup<string, SipUser>;
  /** Extension → name of the user who has it: the oldest who wants it. */
  readonly userByExtension: Lookup<string, string>;
  /** E-mail in lower case → name of the oldest user here who has it. */
  readonly userByEmail: Lookup<string, string>;
  readonly trunks: Lookup<string, Trunk>;
  readonly numbers: Lookup<string, PhoneNumber>;
  readonly locations: Lookup<string, Location>;
  readonly secrets: Lookup<string, SecretView>;
  readonly emailClaims: Lookup<string, Claimant>;
  /** Secrets that are other people's. */
  readonly foreign: Lookup<string, boolean>;
  readonly emergency: Lookup<string, true>;
  /** Objects above the tenant's limits: all but the oldest. */
  readonly over: Lookup<object, true>;
}

export function directoryOf(world: World, tenant: Tenant, emergency: readonly string[]): Directory {
  const users = [...world.users].sort(byAge);
  const { limits } = tenant;
  const over = new Map<object, true>();
  for (const user of users.slice(limits.users)) over.set(user, true);
  for (const trunk of [...world.trunks].sort(byAge).slice(limits.trunks)) over.set(trunk, true);
  for (const number of [...world.numbers].sort(byAge).slice(limits.phoneNumbers)) over.set(number, true);
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
    secrets: world.secrets,
    emailClaims: world.claims.emails,
    foreign: { get: name => world.foreignNames?.has(name) ?? false },
    emergency: new Map(emergency.map(number => [number, true])),
    over,
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

/** One answer of a directory: which map, which key, what it said. */
interface Read {
  readonly map: LookupName;
  readonly key: unknown;
  readonly value: unknown;
}

const LOOKUPS = [
  'userByName',
  'userByExtension',
  'userByEmail',
  'trunks',
  'numbers',
  'locations',
  'secrets',
  'emailClaims',
  'foreign',
  'emergency',
  'over',
] as const satisfies readonly (keyof Directory)[];
type LookupName = (typeof LOOKUPS)[number];

/** A directory that writes down what it is asked. `world` and `users` are for those who look at everything. */
export function recording(directory: Directory): { directory: Directory; take(): readonly Read[] } {
  let reads: Read[] = [];
  const lookup = (map: LookupName): Lookup<never, unknown> => ({
    get: (key: never) => {
      const value = (directory[map] as Lookup<never, unknown>).get(key);
      reads.push({ map, key, value });
      return value;
    },
  });
  const lookups = Object.fromEntries(LOOKUPS.map(map => [map, lookup(map)]));
  return {
    directory: { ...directory, ...lookups } as Directory,
    take: () => {
      const taken = reads;
      reads = [];
      return taken;
    },
  };
}

/** Whether a directory would say the same again. A user is the same one as long as her name leads to her extension. */
export function saysSame(directory: Directory, reads: readonly Read[]): boolean {
  return reads.every(({ map, key, value }) => {
    const now = (directory[map] as Lookup<unknown, unknown>).get(key);
    return now === value || (map === 'userByName' && extensionOf(now) === extensionOf(value));
  });
}

function extensionOf(user: unknown): string | undefined {
  return (user as SipUser | undefined)?.spec.extension;
}

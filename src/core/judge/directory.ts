import type { Location, PhoneNumber, SipUser, Trunk } from '../../api/index.ts';
import type { Features, Tenant } from '../tenant.ts';
import { byAge } from '../verdict.ts';
import type { Claimant, SecretView, World } from '../world.ts';
import { type EmergencyNumbers, emergencyLookup, emergencyPlans } from './emergency.ts';
import { type Lookup, type Register, registerOf } from './register.ts';

/** All that checks ask about the rest of a tenant. The order of the input never matters. */
export interface Directory {
  readonly tenant: Tenant;
  readonly world: World;
  readonly features: Features;
  readonly register: Register;
  readonly trunks: Lookup<string, Trunk>;
  readonly numbers: Lookup<string, PhoneNumber>;
  readonly locations: Lookup<string, Location>;
  readonly secrets: Lookup<string, SecretView>;
  readonly emailClaims: Lookup<string, Claimant>;
  /** Emergency numbers, by `emergencyKey`. */
  readonly emergency: Lookup<string, true>;
  readonly emergencyPlans: readonly EmergencyNumbers[];
  /** Names of trunks that are rendered. */
  readonly workingTrunks: Lookup<string, true>;
  /** Secrets that are other people's. */
  readonly foreign: Lookup<string, boolean>;
  /** Trunks and numbers above the tenant's limits: all but the oldest. */
  readonly over: Lookup<object, true>;
  /** Of those who exist and are not served, the reason why, by name; undefined: served, or there is none. */
  readonly unservedUsers: Lookup<string, string>;
  readonly unservedMailboxes: Lookup<string, string>;
  readonly unservedTrunks: Lookup<string, string>;
  readonly unservedNumbers: Lookup<string, string>;
}

/** Why an object is not served, as one word for people; undefined: it is. None may ask where its calls lead. */
export interface Serving {
  readonly user: (user: SipUser, directory: Directory) => string | undefined;
  readonly mailbox: (user: SipUser, directory: Directory) => string | undefined;
  readonly trunk: (trunk: Trunk, directory: Directory) => string | undefined;
  readonly number: (number: PhoneNumber, directory: Directory) => string | undefined;
}

export function directoryOf(world: World, tenant: Tenant, serving: Serving): Directory {
  const { limits } = tenant;
  const { objects } = world;
  const over = new Map<object, true>();
  for (const trunk of [...objects.Trunk].sort(byAge).slice(limits.trunks)) over.set(trunk, true);
  for (const number of [...objects.PhoneNumber].sort(byAge).slice(limits.phoneNumbers)) over.set(number, true);
  const register = registerOf(tenant, objects.SipUser);
  const plans = emergencyPlans(tenant, objects.Location, register.userByExtension);
  const users = { get: (name: string) => objects.SipUser[register.placeByName.get(name) ?? -1] };
  const trunks = new Map(objects.Trunk.map(trunk => [trunk.metadata.name, trunk]));
  const numbers = new Map(objects.PhoneNumber.map(number => [number.metadata.name, number]));
  const directory: Directory = {
    tenant,
    world,
    features: tenant.features,
    register,
    trunks,
    numbers,
    locations: new Map(objects.Location.map(location => [location.metadata.name, location])),
    secrets: world.secrets,
    emailClaims: world.claims.emails,
    emergency: emergencyLookup(plans),
    emergencyPlans: plans,
    workingTrunks: new Map(),
    foreign: { get: name => world.foreignNames?.has(name) ?? false },
    over,
    unservedUsers: unserved(users, user => serving.user(user, directory)),
    unservedMailboxes: unserved(users, user => serving.mailbox(user, directory)),
    unservedTrunks: unserved(trunks, trunk => serving.trunk(trunk, directory)),
    unservedNumbers: unserved(numbers, number => serving.number(number, directory)),
  };
  return directory;
}

/** Asked only of those to whom something leads, and once of each: many lead to the same. */
function unserved<T>(all: Lookup<string, T>, why: (one: T) => string | undefined): Lookup<string, string> {
  const known = new Map<string, string | undefined>();
  return {
    get: name => {
      const one = all.get(name);
      if (one === undefined) return undefined;
      if (!known.has(name)) known.set(name, why(one));
      return known.get(name);
    },
  };
}

/** All users, by name. */
export function usersByName({ world, register }: Directory): SipUser[] {
  return register.order.map(place => world.objects.SipUser[place] as SipUser);
}

/** One answer: which map, which key, what it said. */
interface Read<N> {
  readonly map: N;
  readonly key: unknown;
  readonly value: unknown;
}

/** What is the same object for as long as it would say the same: it need not be asked again. */
const STEADY = [
  'extensionByName',
  'userByExtension',
  'userByEmail',
  'userByAddress',
  'over',
  'secrets',
  'foreign',
] as const satisfies readonly (keyof Steady)[];
/** What is made anew with each directory, or changes in place. */
const REST = [
  'trunks',
  'numbers',
  'locations',
  'emailClaims',
  'emergency',
  'workingTrunks',
  'unservedUsers',
  'unservedMailboxes',
  'unservedTrunks',
  'unservedNumbers',
] as const satisfies readonly (keyof Directory)[];

type Steady = Register & Pick<Directory, 'secrets' | 'foreign'>;

function steadyOf({ register, secrets, foreign }: Directory): Steady {
  return { ...register, secrets, foreign };
}

/** The objects that `Reads.steady` came from. */
export function steadyInputs({ register, world: { secrets, foreignNames } }: Directory): readonly unknown[] {
  return [register, secrets, foreignNames];
}

/** What a check was told. */
export interface Reads {
  readonly steady: readonly Read<(typeof STEADY)[number]>[];
  readonly rest: readonly Read<(typeof REST)[number]>[];
}

/** A directory that writes down what it is asked. `world` is for those who look at everything. */
export function recording(directory: Directory): { directory: Directory; take(): Reads } {
  let steady: Read<(typeof STEADY)[number]>[] = [];
  let rest: Read<(typeof REST)[number]>[] = [];
  const { secrets, foreign, ...register } = recorders(steadyOf(directory), STEADY, read => note(steady, read));
  const others = recorders(directory, REST, read => note(rest, read));
  return {
    directory: {
      ...directory,
      ...others,
      secrets,
      foreign,
      register: { ...directory.register, ...register },
    } as Directory,
    take: () => {
      const taken = { steady, rest };
      steady = [];
      rest = [];
      return taken;
    },
  };
}

function recorders<N extends string>(
  source: Readonly<Record<N, unknown>>,
  names: readonly N[],
  onRead: (read: Read<N>) => void,
): Record<string, Lookup<never, unknown>> {
  const recorder = (map: N): Lookup<never, unknown> => ({
    get: (key: never) => {
      const value = (source[map] as Lookup<never, unknown>).get(key);
      onRead({ map, key, value });
      return value;
    },
  });
  return Object.fromEntries(names.map(map => [map, recorder(map)]));
}

/** Several checks ask the same. */
function note<N>(reads: Read<N>[], read: Read<N>): void {
  if (!reads.some(({ map, key }) => map === read.map && key === read.key)) reads.push(read);
}

/** Whether a directory would say the same again; `same`: what it has of `steadyInputs` are the same objects. */
export function comparing(directory: Directory): (reads: Reads, same: boolean) => boolean {
  const all = steadyOf(directory);
  return ({ steady, rest }, same) => answersSame(directory, rest) && (same || answersSame(all, steady));
}

function answersSame<N extends string>(source: Readonly<Record<N, unknown>>, reads: readonly Read<N>[]): boolean {
  for (const { map, key, value } of reads) {
    if ((source[map] as Lookup<unknown, unknown>).get(key) !== value) return false;
  }
  return true;
}

import type { SipUser } from '../../api/index.ts';
import { sameOnes } from '../memo.ts';
import { inherit } from '../merge.ts';
import type { Tenant } from '../tenant.ts';
import { byAge, byName } from '../verdict.ts';

/** What a check may ask a map: one key. */
export interface Lookup<K, V> {
  get(key: K): V | undefined;
}

/** Which user of a tenant has which name, extension, SIP address and e-mail address. Most edits of a user change nothing of it. */
export interface Register {
  /** Places in the list of users, by name of the user. */
  readonly order: readonly number[];
  readonly extensionByName: Lookup<string, string>;
  /** Extension → name of the user who has it: the oldest who wants it. */
  readonly userByExtension: Lookup<string, string>;
  /** E-mail in lower case → name of the oldest user here who has it. */
  readonly userByEmail: Lookup<string, string>;
  /** SIP address → name of the oldest user who wants it. */
  readonly userByAddress: Lookup<string, string>;
  /** Places in the list of users. */
  readonly placeByName: Lookup<string, number>;
  /** Names of users above the tenant's limit: all but the oldest. */
  readonly over: Lookup<string, true>;
}

interface Last {
  readonly users: readonly SipUser[];
  readonly register: Register;
}

const lasts = new WeakMap<Tenant, Last>();

/** The very same register for as long as it would say the same. */
export function registerOf(tenant: Tenant, users: readonly SipUser[]): Register {
  const last = lasts.get(tenant);
  const holds = last && sameOnes(last.users, users, isSame);
  const register = holds ? last.register : makeRegister(tenant, users);
  lasts.set(tenant, { users, register });
  return register;
}

/** Whether two are one in everything that `makeRegister` looks at. */
function isSame(one: SipUser, other: SipUser): boolean {
  return (
    byAge(one, other) === 0 &&
    one.spec.extension === other.spec.extension &&
    one.spec.email === other.spec.email &&
    one.spec.sip?.address === other.spec.sip?.address
  );
}

function makeRegister(tenant: Tenant, users: readonly SipUser[]): Register {
  const byTheirAge = [...users].sort(byAge);
  const places = users.map((user, place) => ({ metadata: user.metadata, place }));
  const inherited = inherit(tenant.userDefaults) as { readonly sip?: { readonly address?: string } };
  return {
    order: places.sort(byName).map(({ place }) => place),
    extensionByName: new Map(byTheirAge.map(({ metadata, spec }) => [metadata.name, spec.extension])),
    userByExtension: firstBy(byTheirAge, user => user.spec.extension),
    userByEmail: firstBy(byTheirAge, user => user.spec.email?.toLowerCase()),
    userByAddress: firstBy(byTheirAge, user => user.spec.sip?.address ?? inherited.sip?.address),
    placeByName: new Map(places.map(({ metadata, place }) => [metadata.name, place])),
    over: new Map(byTheirAge.slice(tenant.limits.users).map(({ metadata }) => [metadata.name, true])),
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

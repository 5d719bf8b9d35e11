import { compare } from './finding.ts';
import type { Claimant } from './snapshot.ts';

/**
 * Who of several claimants has a thing: the one who has it already, so that nobody can take it away by asking for it with
 * an object that is older; then the oldest, then the smallest uid. All of it stands in the objects themselves.
 */
export function byClaim(a: Claimant, b: Claimant): number {
  return a.standing - b.standing || compare(a.createdAt, b.createdAt) || compare(a.uid, b.uid);
}

/** In one pass: thousands may ask for the same. */
export function holderOf(claimants: Iterable<Claimant>): Claimant | undefined {
  let holder: Claimant | undefined;
  for (const one of claimants) if (!holder || byClaim(one, holder) < 0) holder = one;
  return holder;
}

/** The claimant who keeps `mine` from having it, if any. Another tenant's name is not told. */
export function takenBy(holder: Claimant | undefined, mine: { namespace: string; name: string }): string | undefined {
  if (!holder || (holder.namespace === mine.namespace && holder.name === mine.name)) return undefined;
  return holder.namespace === mine.namespace
    ? `${holder.kind} ${holder.name}`
    : 'another organization of this platform';
}

/** Refused for what is wrong with the object itself: whoever waits for the thing comes first. */
const NOT_ENTITLED: ReadonlySet<string> = new Set(['NotAllowed', 'LimitExceeded', 'OrganizationMissing', 'WrongName']);

/** Refused, or not read, before the claim was looked at: nothing was decided. */
const UNDECIDED: ReadonlySet<string> = new Set([
  'Invalid',
  'OrganizationRefused',
  'InvalidExtension',
  'ReservedExtension',
  'NameTaken',
  'SecretNotFound',
  'InvalidPassword',
  'CredentialsPending',
  'Disabled',
  'ClassNotFound',
  'ClassNotAllowed',
  'AboveCeiling',
  'TooManyUsers',
]);

/** How an object stands that claims something, by what was said of it. `held`: it had the very thing before. */
export function standingOf(
  evaluated: { generation: number | undefined; observed: number | undefined; reason: string | undefined },
  held: boolean,
): Claimant['standing'] {
  const open = held ? 0 : 1;
  if (evaluated.generation === undefined || evaluated.observed !== evaluated.generation) return open;
  if (evaluated.reason === undefined) return 0;
  if (evaluated.reason === 'Conflict') return 2;
  if (NOT_ENTITLED.has(evaluated.reason)) return 3;
  return UNDECIDED.has(evaluated.reason) ? open : 0;
}

import { compare } from './finding.ts';
import type { Claimant } from './snapshot.ts';

/**
 * The order in which claimants get a thing: first the one that has it already, so that nobody can take it away with an
 * older object; then the oldest; then the smallest uid. All of that is read from the objects, so every leader decides alike.
 */
export function byClaim(a: Claimant, b: Claimant): number {
  return a.standing - b.standing || compare(a.createdAt, b.createdAt) || compare(a.uid, b.uid);
}

/** The claimant that gets the thing. In one pass without sorting: thousands may claim the same. */
export function holderOf(claimants: Iterable<Claimant>): Claimant | undefined {
  let holder: Claimant | undefined;
  for (const one of claimants) if (!holder || byClaim(one, holder) < 0) holder = one;
  return holder;
}

/** Who keeps `mine` from having it, as a message may name it; undefined: nobody. The name of another tenant is not revealed. */
export function takenBy(holder: Claimant | undefined, mine: { namespace: string; name: string }): string | undefined {
  if (!holder || (holder.namespace === mine.namespace && holder.name === mine.name)) return undefined;
  return holder.namespace === mine.namespace
    ? `${holder.kind} ${holder.name}`
    : 'another organization of this platform';
}

/** Reasons by which an object is not entitled to what it claims: all other claimants come before it. */
const NOT_ENTITLED: ReadonlySet<string> = new Set(['NotAllowed', 'LimitExceeded', 'OrganizationMissing', 'WrongName']);

/** Reasons that were found before the claim was looked at: they say nothing about the claim. */
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

/**
 * The standing of a claimant by its status. `generation` is that of the spec, `observed` and `reason` are those of the status;
 * `held`: it had the same thing before.
 */
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

import { compare } from '../verdict.ts';
import type { Claimant } from '../world.ts';

/** Who of several claimants has the thing: the oldest, then the smallest uid. */
function ownerOf(claimants: readonly Claimant[]): Claimant | undefined {
  return [...claimants].sort((a, b) => compare(a.createdAt, b.createdAt) || compare(a.uid, b.uid))[0];
}

/** The claimant who keeps `mine` from having it, if any. Another tenant's name is not told. */
export function takenBy(
  claimants: readonly Claimant[] | undefined,
  mine: { namespace: string; name: string },
): string | undefined {
  const owner = ownerOf(claimants ?? []);
  if (!owner || (owner.namespace === mine.namespace && owner.name === mine.name)) return undefined;
  return owner.namespace === mine.namespace ? `${owner.kind} ${owner.name}` : 'another organization of this platform';
}

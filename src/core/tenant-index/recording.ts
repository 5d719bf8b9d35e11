import { ofEachKind, type TenantKind } from '../../api/index.ts';
import type { KindIndex, Lookup } from './identities.ts';
import type { TenantIndex } from './tenant-index.ts';

/**
 * An index that records which lookups a check made and what they returned. The result of a check stays valid for as long as
 * a later index returns the same for each of them, so that of thousands of users only those are evaluated again whose
 * answers changed.
 */
type Maps = Readonly<Record<string, Lookup<never, unknown>>>;

/** One lookup: the map, the key and the value that it returned. */
interface Read {
  readonly map: string;
  readonly key: unknown;
  readonly value: unknown;
}

/** The lookups that a check made. */
export interface Reads {
  readonly steady: readonly Read[];
  readonly rest: readonly Read[];
}

/** Maps that come from `steadyInputs`: while those are the identical objects, their lookups need not be compared. */
function steadyMaps({ identities, secrets, unmanagedSecrets }: TenantIndex): Maps {
  const { extensionOf, ownerOfExtension, userByEmail, userByAddress, kinds } = identities;
  const over = Object.entries(kinds).map(([kind, one]) => [OVER + kind, one.over]);
  return {
    extensionOf,
    ownerOfExtension,
    userByEmail,
    userByAddress,
    secrets,
    unmanagedSecrets,
    ...Object.fromEntries(over),
  };
}

/** Maps that are built with each index, or change in place. */
function restMaps(index: TenantIndex): Maps {
  const { claims, emergency, unservedMailboxes, objects, unserved, served, engineLacks } = index;
  const byKind = Object.keys(objects).flatMap(kind => [
    [OBJECTS + kind, objects[kind as TenantKind]],
    [UNSERVED + kind, unserved[kind as TenantKind]],
    [SERVED + kind, served[kind as TenantKind]],
  ]);
  const { emails, numbers, domains } = claims;
  return { emails, numbers, domains, emergency, unservedMailboxes, engineLacks, ...Object.fromEntries(byKind) };
}

const OVER = 'over ';
const OBJECTS = 'object ';
const UNSERVED = 'unserved ';
const SERVED = 'served ';

/** The objects that the lookups in `Reads.steady` depend on. */
export function steadyInputs({
  identities,
  snapshot: { secrets, unmanagedSecretNames },
}: TenantIndex): readonly unknown[] {
  return [identities, secrets, unmanagedSecretNames];
}

/** An index that records lookups until `take` returns them. Reads of `snapshot` are not recorded. */
export function recording(index: TenantIndex): { index: TenantIndex; take(): Reads } {
  let steady: Read[] = [];
  let rest: Read[] = [];
  const { secrets, unmanagedSecrets, ...identities } = recorders(steadyMaps(index), read => addOnce(steady, read));
  const others = recorders(restMaps(index), read => addOnce(rest, read));
  const { emails, numbers, domains, emergency, unservedMailboxes, engineLacks } = others;
  const kinds = ofEachKind((kind): KindIndex => {
    const over = identities[OVER + kind] as KindIndex['over'];
    return { ...index.identities.kinds[kind], over };
  });
  return {
    index: {
      ...index,
      ...{ secrets, unmanagedSecrets, emergency, unservedMailboxes, engineLacks },
      claims: { emails, numbers, domains },
      objects: ofEachKind(kind => others[OBJECTS + kind]),
      unserved: ofEachKind(kind => others[UNSERVED + kind]),
      served: ofEachKind(kind => others[SERVED + kind]),
      identities: { ...index.identities, ...identities, kinds },
    } as TenantIndex,
    take: () => {
      const taken = { steady, rest };
      steady = [];
      rest = [];
      return taken;
    },
  };
}

function recorders(source: Maps, onRead: (read: Read) => void): Maps {
  const recorder = (map: string): Lookup<never, unknown> => ({
    get: (key: never) => {
      const value = source[map]?.get(key);
      onRead({ map, key, value });
      return value;
    },
  });
  return Object.fromEntries(Object.keys(source).map(map => [map, recorder(map)]));
}

/** Several checks make the same lookup. */
function addOnce(reads: Read[], read: Read): void {
  if (!reads.some(({ map, key }) => map === read.map && key === read.key)) reads.push(read);
}

/** Whether an index returns the same for recorded lookups. `same`: its `steadyInputs` are the identical objects. */
export function comparing(index: TenantIndex): (reads: Reads, same: boolean) => boolean {
  const steadies = steadyMaps(index);
  const others = restMaps(index);
  return ({ steady, rest }, same) => answersSame(others, rest) && (same || answersSame(steadies, steady));
}

function answersSame(source: Maps, reads: readonly Read[]): boolean {
  for (const { map, key, value } of reads) {
    if ((source[map] as Lookup<unknown, unknown>).get(key) !== value) return false;
  }
  return true;
}

import { ofEachKind, type TenantKind } from '../../api/index.ts';
import type { KindIndex, Lookup } from './identities.ts';
import type { TenantIndex } from './tenant-index.ts';

/**
 * What was made of one of thousands of objects holds for as long as everything that was asked meanwhile has the same
 * answer: an index that writes down what it is asked, and whether another would say the same.
 */
type Maps = Readonly<Record<string, Lookup<never, unknown>>>;

/** One answer: which map, which key, what it said. */
interface Read {
  readonly map: string;
  readonly key: unknown;
  readonly value: unknown;
}

/** What a check was told. */
export interface Reads {
  readonly steady: readonly Read[];
  readonly rest: readonly Read[];
}

/** What is the same object for as long as it would say the same (`steadyInputs`): it need not be asked again. */
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

/** What is made anew with each index, or changes in place. */
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

/** The objects that `Reads.steady` came from. */
export function steadyInputs({
  identities,
  snapshot: { secrets, unmanagedSecretNames },
}: TenantIndex): readonly unknown[] {
  return [identities, secrets, unmanagedSecretNames];
}

/** An index that writes down what it is asked. `snapshot` is for those who look at everything. */
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

/** Several checks ask the same. */
function addOnce(reads: Read[], read: Read): void {
  if (!reads.some(({ map, key }) => map === read.map && key === read.key)) reads.push(read);
}

/** Whether an index would say the same again; `same`: what it has of `steadyInputs` are the same objects. */
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

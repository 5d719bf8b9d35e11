import type { TenantKind } from '../../api/index.ts';
import { takenBy } from '../claims.ts';
import type { Check, Finding } from '../finding.ts';
import { objectKey, objectLabel, parseObjectKey } from '../object-key.ts';
import type { Claims } from '../snapshot.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';

interface Named {
  readonly metadata: { readonly name: string };
}

/** An extension is the oldest object's that wants it, of whatever kind: that one keeps ringing. */
export function extensionTaken<T extends Named>(
  kind: TenantKind,
  extensionOf: (object: T) => string,
): Check<T, TenantIndex> {
  return (object, { identities }) => {
    const extension = extensionOf(object);
    const owner = identities.ownerOfExtension.get(extension);
    if (owner === undefined || owner === objectKey(kind, object.metadata.name)) return undefined;
    const { name } = parseObjectKey(owner);
    const message = `Extension ${extension} belongs to ${objectLabel(owner)}, which is older; choose another extension or delete ${name}`;
    return { reason: 'Conflict', field: 'spec.extension', message };
  };
}

/** How a thing is told of that only one on the whole platform may have. */
export interface ClaimWords<T> {
  /** Undefined: the object wants none. */
  readonly keyOf: (object: T) => string | undefined;
  readonly say: (key: string, holder: string) => Finding;
  /** Objects of the same namespace do not count: who of them has it is decided otherwise. */
  readonly elsewhere?: boolean;
}

/** What another object on the platform has. Another tenant's name is not told. */
export function claimTaken<T extends Named>(
  sort: keyof Claims,
  { keyOf, say, elsewhere = false }: ClaimWords<T>,
): Check<T, TenantIndex> {
  return (object, { claims, snapshot: { namespace } }) => {
    const key = keyOf(object);
    const holder = key === undefined ? undefined : claims[sort].get(key);
    if (key === undefined || !holder || (elsewhere && holder.namespace === namespace)) return undefined;
    const other = takenBy(holder, { namespace, name: object.metadata.name });
    return other === undefined ? undefined : say(key, other);
  };
}

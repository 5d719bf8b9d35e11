import type { TenantKind } from '../../api/index.ts';
import { takenBy } from '../claims.ts';
import type { Check, Finding } from '../finding.ts';
import { objectKey, objectLabel, parseObjectKey } from '../object-key.ts';
import type { Claims } from '../snapshot.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';

interface Named {
  readonly metadata: { readonly name: string };
}

/** Refuses an extension that an older object, of any kind, has. The older one keeps working. */
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

/** How a claim to something that only one object on the platform may have is read and reported. */
export interface ClaimOptions<T> {
  /** What the object claims; undefined: nothing. */
  readonly keyOf: (object: T) => string | undefined;
  readonly say: (key: string, holder: string) => Finding;
  /** Only holders in other namespaces count; another check decides within the namespace. */
  readonly elsewhere?: boolean;
}

/** Refuses what another object on the platform has. The name of another tenant is not revealed. */
export function claimTaken<T extends Named>(
  claimKind: keyof Claims,
  { keyOf, say, elsewhere = false }: ClaimOptions<T>,
): Check<T, TenantIndex> {
  return (object, { claims, snapshot: { namespace } }) => {
    const key = keyOf(object);
    const holder = key === undefined ? undefined : claims[claimKind].get(key);
    if (key === undefined || !holder || (elsewhere && holder.namespace === namespace)) return undefined;
    const other = takenBy(holder, { namespace, name: object.metadata.name });
    return other === undefined ? undefined : say(key, other);
  };
}

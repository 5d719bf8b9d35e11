import type { TenantKind } from '../../api/index.ts';
import type { Finding } from '../finding.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';

/** What a reference to an object of this namespace says that does not exist. `field`: where it stands. */
export function missing(kind: TenantKind, name: string, field: string): Finding {
  const message = `${field}: there is no ${kind} ${name} in this namespace; create it or change the reference`;
  return { reason: 'ReferenceNotFound', field, message };
}

/** The same as a check of the reference itself; without one there is nothing wrong. */
export function referenceMissing(
  kind: TenantKind,
  reference: { readonly name: string } | undefined,
  field: string,
  { objects }: TenantIndex,
): Finding | undefined {
  if (!reference || objects[kind].get(reference.name)) return undefined;
  return missing(kind, reference.name, field);
}

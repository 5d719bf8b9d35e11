import type { TenantKind } from '../../api/index.ts';
import type { Finding } from '../finding.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';

/** The finding for a reference to an object that does not exist. `field`: where it stands. */
export function missing(kind: TenantKind, name: string, field: string): Finding {
  const message = `${field}: there is no ${kind} ${name} in this namespace; create it or change the reference`;
  return { reason: 'ReferenceNotFound', field, message };
}

/** Checks that the object of a reference exists. An absent reference is no violation. */
export function referenceMissing(
  kind: TenantKind,
  reference: { readonly name: string } | undefined,
  field: string,
  { objects }: TenantIndex,
): Finding | undefined {
  if (!reference || objects[kind].get(reference.name)) return undefined;
  return missing(kind, reference.name, field);
}

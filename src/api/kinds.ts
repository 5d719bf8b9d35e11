import type { KindInfo } from './kind-info.ts';
import { organizationKind } from './organization.ts';
import { organizationClassKind } from './organization-class.ts';
import { type TenantKind, tenantKinds } from './tenant-kinds.ts';

export const GROUP = 'ringfleet.io';
export const VERSION = 'v1alpha1';

/** All kinds: that of the provider, the tenant itself, and those of objects that a tenant has. */
export const kinds: readonly KindInfo[] = [organizationClassKind, organizationKind, ...tenantKinds];

export type KindName = typeof organizationClassKind.kind | NamespacedKind;

/** Kinds of objects in a tenant's namespace. */
export type NamespacedKind = typeof organizationKind.kind | TenantKind;
export const namespacedKinds: readonly NamespacedKind[] = [
  organizationKind.kind,
  ...tenantKinds.map(({ kind }) => kind),
];

import { pbxName } from '../names.ts';
import { canonicalQuantity } from '../quantity.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { supportMetadata } from './metadata.ts';

/**
 * The PersistentVolumeClaim for `state` or `media`, which the pod mounts by name. Undefined: the class asks for none. It has
 * no owner reference, because the data must outlive the Organization.
 */
export function volumeClaim(tenant: Tenant, snapshot: TenantSnapshot, which: 'state' | 'media'): Manifest | undefined {
  const wanted = tenant.pbx.storage?.[which];
  if (!wanted) return undefined;
  const { ownerReferences: _, ...rest } = supportMetadata(claimName(tenant.name, which), tenant, snapshot);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: rest,
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: canonicalQuantity(wanted.size ?? (which === 'state' ? '1Gi' : '10Gi')) } },
      ...(wanted.storageClassName ? { storageClassName: wanted.storageClassName } : {}),
    },
  };
}

export function claimName(organization: string, which: 'state' | 'media'): string {
  return `${pbxName(organization)}-${which}`;
}

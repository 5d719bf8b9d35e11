import { GROUP, limitedKinds } from '../../api/index.ts';
import { pbxName } from '../names.ts';
import { canonicalQuantity } from '../quantity.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { metadata, podSelector } from './network.ts';

/** Objects that guard a tenant: disruption budget, quota, claims. Each builder returns undefined when it must not exist. */

export function disruptionBudget(tenant: Tenant, snapshot: TenantSnapshot): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(pbxName(tenant.name), tenant, snapshot),
    spec: { maxUnavailable: snapshot.platform.idle ? 1 : 0, selector: { matchLabels: podSelector(tenant.name) } },
  };
}

/** Only once the quota controller knows our kinds: a quota without a status refuses every create. */
export function resourceQuota(tenant: Tenant, snapshot: TenantSnapshot): Manifest | undefined {
  if (!snapshot.platform.quotaReady) return undefined;
  const { limits } = tenant;
  const counts = limitedKinds.map(({ plural, limit }) => [
    `count/${plural}.${GROUP}`,
    canonicalQuantity(limits[limit.name]),
  ]);
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: metadata(`${tenant.name}-limits`, tenant, snapshot),
    spec: { hard: Object.fromEntries(counts) },
  };
}

/** Owned by the operator and mounted by name; without an owner reference, since data outlives an Organization. */
export function claim(tenant: Tenant, snapshot: TenantSnapshot, which: 'state' | 'media'): Manifest | undefined {
  const wanted = tenant.pbx.storage?.[which];
  if (!wanted) return undefined;
  const { ownerReferences: _, ...rest } = metadata(claimName(tenant.name, which), tenant, snapshot);
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

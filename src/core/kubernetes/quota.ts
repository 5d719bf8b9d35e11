import { GROUP, limitedKinds } from '../../api/index.ts';
import { canonicalQuantity } from '../quantity.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { supportMetadata } from './metadata.ts';

/**
 * The ResourceQuota with the limits of the tenant. Undefined until the quota controller counts our kinds: a quota without
 * a status has the API server refuse every create.
 */
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
    metadata: supportMetadata(`${tenant.name}-limits`, tenant, snapshot),
    spec: { hard: Object.fromEntries(counts) },
  };
}

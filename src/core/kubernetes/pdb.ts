import { pbxName } from '../names.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { podSelector, supportMetadata } from './metadata.ts';

/** The PodDisruptionBudget: only a PBX that has been idle for a while may be evicted. */
export function disruptionBudget(tenant: Tenant, snapshot: TenantSnapshot): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: supportMetadata(pbxName(tenant.name), tenant, snapshot),
    spec: { maxUnavailable: snapshot.platform.idle ? 1 : 0, selector: { matchLabels: podSelector(tenant.name) } },
  };
}

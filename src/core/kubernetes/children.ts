import type { Bundle } from '../plan.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { agentTls } from './agent-tls.ts';
import { configObjects } from './config.ts';
import { claim, disruptionBudget, resourceQuota } from './guards.ts';
import { exposureService, headlessService, networkPolicy } from './network.ts';
import { statefulSet } from './workload.ts';

/** All child objects of a tenant that do not belong to one user, in the order in which they are applied. */
export function childObjects(tenant: Tenant, bundle: Bundle, snapshot: TenantSnapshot): Manifest[] {
  const wanted = [
    agentTls(tenant, snapshot),
    ...configObjects(bundle, tenant, snapshot.namespace),
    claim(tenant, snapshot, 'state'),
    claim(tenant, snapshot, 'media'),
    headlessService(tenant, snapshot),
    exposureService(tenant, snapshot),
    networkPolicy(tenant, snapshot),
    disruptionBudget(tenant, snapshot),
    resourceQuota(tenant, snapshot),
    statefulSet(tenant, snapshot),
  ];
  return wanted.filter(manifest => manifest !== undefined);
}

import type { Bundle } from '../plan.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { agentTls } from './agent-tls.ts';
import { configObjects } from './bundle-objects.ts';
import { networkPolicy } from './network-policy.ts';
import { disruptionBudget } from './pdb.ts';
import { volumeClaim } from './pvc.ts';
import { resourceQuota } from './quota.ts';
import { exposureService, headlessService } from './services.ts';
import { statefulSet } from './stateful-set.ts';

/** All child objects of a tenant that do not belong to one user, in the order in which they are applied. */
export function childObjects(tenant: Tenant, bundle: Bundle, snapshot: TenantSnapshot): Manifest[] {
  const wanted = [
    agentTls(tenant, snapshot),
    ...configObjects(bundle, tenant, snapshot.namespace),
    volumeClaim(tenant, snapshot, 'state'),
    volumeClaim(tenant, snapshot, 'media'),
    headlessService(tenant, snapshot),
    exposureService(tenant, snapshot),
    networkPolicy(tenant, snapshot),
    disruptionBudget(tenant, snapshot),
    resourceQuota(tenant, snapshot),
    statefulSet(tenant, snapshot),
  ];
  return wanted.filter(manifest => manifest !== undefined);
}

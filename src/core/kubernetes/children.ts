import type { Bundle } from '../plan.ts';
import type { Tenant } from '../tenant.ts';
import type { Manifest, World } from '../world.ts';
import { agentTls } from './agent-tls.ts';
import { configObjects } from './config.ts';
import { claim, disruptionBudget, resourceQuota } from './guards.ts';
import { exposureService, headlessService, networkPolicy } from './network.ts';
import { statefulSet } from './workload.ts';

/** All child objects of a tenant that do not belong to one user, in the order in which they are applied. */
export function childObjects(tenant: Tenant, bundle: Bundle, world: World): Manifest[] {
  const wanted = [
    agentTls(tenant, world),
    ...configObjects(bundle, tenant, world.namespace),
    claim(tenant, world, 'state'),
    claim(tenant, world, 'media'),
    headlessService(tenant, world),
    exposureService(tenant, world),
    networkPolicy(tenant, world),
    disruptionBudget(tenant, world),
    resourceQuota(tenant, world),
    statefulSet(tenant, world),
  ];
  return wanted.filter(manifest => manifest !== undefined);
}

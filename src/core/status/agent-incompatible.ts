import { otherImage } from '../roll.ts';
import type { TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import type { Wanted } from './conditions.ts';

/** The condition for an agent of a release whose reports this operator cannot read. */
export function agentIncompatible(tenant: Tenant, snapshot: TenantSnapshot): Wanted[] {
  const { agent, pod } = snapshot;
  if (!pod || agent?.unreadable === undefined) return [];
  const image = otherImage(tenant, snapshot);
  const remedy =
    image === undefined
      ? `its image ${pod.image ?? ''} does not fit the release of the operator: change pbx.image of the OrganizationClass, or remove it`
      : `the pod will be replaced by one with the image ${image}`;
  const message = `The reports of the PBX cannot be read (${agent.unreadable}), so the state of phones and calls is not known; they go on as they are; ${remedy}`;
  return [{ type: 'AgentIncompatible', status: 'True', reason: 'ReportUnreadable', message }];
}

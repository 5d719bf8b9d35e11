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
      ? `its image ${pod.image ?? ''} is not of the operator's release: name one that is in pbx.image of the OrganizationClass, or nothing there`
      : `it is replaced in its turn by one with the image ${image}`;
  const message = `What the PBX reports cannot be read (${agent.unreadable}), so nothing is known of phones and calls, which go on as they are; ${remedy}`;
  return [{ type: 'AgentIncompatible', status: 'True', reason: 'ReportUnreadable', message }];
}

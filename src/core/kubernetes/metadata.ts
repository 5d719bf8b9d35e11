import { API_VERSION, childLabels, LABEL_COMPONENT, LABEL_ORGANIZATION } from '../names.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';

/** Labels by which Services, policies and budgets select the PBX pod. */
export function podSelector(organization: string): Record<string, string> {
  return { [LABEL_ORGANIZATION]: organization, [LABEL_COMPONENT]: 'pbx' };
}

/** Metadata of an object that serves the PBX pod: labelled as ours and owned by the Organization. */
export function supportMetadata(name: string, tenant: Tenant, snapshot: TenantSnapshot): Manifest['metadata'] {
  return {
    name,
    namespace: snapshot.namespace,
    labels: childLabels(tenant.name, 'pbx-support'),
    ...ownedBy('Organization', tenant.organization),
  };
}

/** The controlling owner reference; nothing where the owner has no uid, as in a directory of manifests. */
export function ownedBy(
  kind: string,
  owner: { metadata: { name: string; uid?: string | undefined } },
): {
  ownerReferences?: {
    apiVersion: string;
    kind: string;
    name: string;
    uid: string;
    controller: boolean;
    blockOwnerDeletion: boolean;
  }[];
} {
  const { name, uid } = owner.metadata;
  if (!uid) return {};
  return {
    ownerReferences: [{ apiVersion: API_VERSION, kind, name, uid, controller: true, blockOwnerDeletion: false }],
  };
}

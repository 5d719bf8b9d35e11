import type { ResolvedUser } from '../kinds/sip-user/resolve.ts';
import { API_VERSION, childLabels, credentialsName, HANDLED_ROTATION, LABEL_USER, ROTATE_PASSWORD } from '../names.ts';
import { type Manifest, publicPort, type TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';

/** The Secret from which a user (or her provisioning) sets up a phone. The only place where her password stands. */
export function credentialsSecret(user: ResolvedUser, tenant: Tenant, snapshot: TenantSnapshot): Manifest {
  const { metadata } = user.user;
  const server = snapshot.platform.address?.value ?? tenant.domain;
  const transport = user.sip.transport === 'Any' ? 'UDP' : user.sip.transport;
  const port = String(publicPort(transport, snapshot.platform));
  const data: Record<string, string> = {
    username: user.id,
    password: user.password,
    domain: tenant.domain,
    server,
    port,
    transport,
    uri: `sip:${user.id}@${tenant.domain}`,
    ...(user.pin && !user.user.spec.voicemail?.pinSecretRef ? { voicemailPin: user.pin } : {}),
  };
  const rotation = metadata.annotations?.[ROTATE_PASSWORD];
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: credentialsName(metadata.name),
      namespace: snapshot.namespace,
      labels: { ...childLabels(tenant.name, 'credentials'), [LABEL_USER]: metadata.name },
      ...(rotation ? { annotations: { [HANDLED_ROTATION]: rotation } } : {}),
      ...ownedBy('SipUser', user.user),
    },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
}

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

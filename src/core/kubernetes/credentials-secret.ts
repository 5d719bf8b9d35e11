import type { ResolvedUser } from '../kinds/sip-user/resolve.ts';
import { childLabels, credentialsName, HANDLED_ROTATION, LABEL_USER, ROTATE_PASSWORD } from '../names.ts';
import { type Manifest, publicPort, type TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { ownedBy } from './metadata.ts';

/** The Secret from which the user, or a provisioning system, sets up a phone. The only place that holds the password. */
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

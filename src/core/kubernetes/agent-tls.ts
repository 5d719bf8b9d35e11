import { pbxName } from '../names.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { supportMetadata } from './metadata.ts';

/** The Secret with the agent's server certificate; undefined while the operator has not issued one. */
export function agentTls(tenant: Tenant, snapshot: TenantSnapshot): Manifest | undefined {
  const { agentTls: tls } = snapshot.platform;
  if (!tls) return undefined;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: supportMetadata(`${pbxName(tenant.name)}-tls`, tenant, snapshot),
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(tls.certificate), 'tls.key': base64(tls.key), 'ca.crt': base64(tls.ca) },
  };
}

import { pbxName } from '../names.ts';
import type { Tenant } from '../tenant.ts';
import type { Manifest, World } from '../world.ts';
import { metadata } from './network.ts';

/** The agent's server certificate; absent while the shell has not issued one. */
export function agentTls(tenant: Tenant, world: World): Manifest | undefined {
  const { agentTls: tls } = world.surroundings;
  if (!tls) return undefined;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(`${pbxName(tenant.name)}-tls`, tenant, world),
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(tls.certificate), 'tls.key': base64(tls.key), 'ca.crt': base64(tls.ca) },
  };
}

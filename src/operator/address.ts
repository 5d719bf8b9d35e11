import type { Platform, PublicPorts } from '../core/snapshot.ts';
import type { Tenant } from '../core/tenant.ts';
import type { KubeObject } from '../kube/resource.ts';

/**
 * The address that phones use, and how it was found: the class's or organization's `advertisedAddress`, else what the
 * exposure Service has (load balancer; the node of the pod for NodePort; the cluster address), else the pod's own.
 * Pure. Undefined while none of these is known.
 */
export interface AddressFacts {
  readonly tenant: Tenant;
  readonly service: KubeObject | undefined;
  readonly node: KubeObject | undefined;
  readonly podIp: string | undefined;
}

interface ServiceParts {
  readonly spec?: { readonly clusterIP?: string; readonly ports?: readonly { name?: string; nodePort?: number }[] };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { ip?: string; hostname?: string }[] } };
}

interface NodeParts {
  readonly status?: { readonly addresses?: readonly { type: string; address: string }[] };
}

export function addressOf({ tenant, service, node, podIp }: AddressFacts): Platform['address'] {
  const { advertisedAddress, signalling } = tenant.pbx.exposure;
  if (advertisedAddress) return { value: advertisedAddress, source: 'AdvertisedAddress', advertise: true };
  const { spec, status } = (service ?? {}) as ServiceParts;
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  const balanced = ingress?.ip ?? ingress?.hostname;
  if (balanced) return { value: balanced, source: 'LoadBalancer', advertise: ingress?.ip !== undefined };
  if (signalling?.type === 'NodePort') {
    const at = nodeAddress(node);
    if (at) return { ...at, advertise: false };
  }
  if (spec?.clusterIP && spec.clusterIP !== 'None')
    return { value: spec.clusterIP, source: 'ClusterIP', advertise: false };
  return podIp ? { value: podIp, source: 'PodIP', advertise: false } : undefined;
}

/** The ports for SIP at that address. Node ports differ from the pod's port, and between the transports. */
export function portsOf(tenant: Tenant, service: KubeObject | undefined, sipPort: number): PublicPorts {
  if (tenant.pbx.exposure.signalling?.type !== 'NodePort') return { udp: sipPort, tcp: sipPort };
  const ports = ((service ?? {}) as ServiceParts).spec?.ports ?? [];
  const of = (name: string): number => ports.find(port => port.name === name)?.nodePort ?? sipPort;
  return { udp: of('sip-udp'), tcp: of('sip-tcp') };
}

function nodeAddress(node: KubeObject | undefined): { value: string; source: string } | undefined {
  const addresses = ((node ?? {}) as NodeParts).status?.addresses ?? [];
  for (const [type, source] of [
    ['ExternalIP', 'NodeExternalIP'],
    ['InternalIP', 'NodeInternalIP'],
  ] as const) {
    const found = addresses.find(one => one.type === type);
    if (found) return { value: found.address, source };
  }
  return undefined;
}

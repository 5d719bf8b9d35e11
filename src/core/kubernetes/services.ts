import { mediaPorts, RTP_START } from '../media-ports.ts';
import { pbxName } from '../names.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { podSelector, supportMetadata } from './metadata.ts';

/** The headless Service that gives the StatefulSet's pod a DNS name. */
export function headlessService(tenant: Tenant, snapshot: TenantSnapshot): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: supportMetadata(pbxName(tenant.name), tenant, snapshot),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: podSelector(tenant.name),
      ports: [{ name: 'sip', port: snapshot.platform.sipPort, protocol: 'UDP', targetPort: snapshot.platform.sipPort }],
    },
  };
}

/**
 * The Service by which phones reach the PBX. Endpoints that leave a Service take their UDP flows with them, so it keeps
 * those that are not ready. Phones send their media to the address of a load balancer as well, so with that type it has the
 * RTP ports too: without node ports, of which a cluster has fewer than a few tenants need. With the other types phones send
 * media to the pod's own address.
 */
export function exposureService(tenant: Tenant, snapshot: TenantSnapshot): Manifest {
  const signalling = tenant.pbx.exposure.signalling ?? {};
  const type = signalling.type ?? 'ClusterIP';
  const port = snapshot.platform.sipPort;
  const external = type === 'ClusterIP' ? {} : { externalTrafficPolicy: 'Local' };
  const balanced = type === 'LoadBalancer';
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...supportMetadata(`${tenant.name}-sip`, tenant, snapshot),
      ...(signalling.annotations ? { annotations: { ...signalling.annotations } } : {}),
    },
    spec: {
      type,
      ...external,
      ...(balanced ? { allocateLoadBalancerNodePorts: false } : {}),
      ...(balanced && signalling.loadBalancerClass ? { loadBalancerClass: signalling.loadBalancerClass } : {}),
      publishNotReadyAddresses: true,
      selector: podSelector(tenant.name),
      ports: [
        { name: 'sip-udp', port, protocol: 'UDP', targetPort: port },
        { name: 'sip-tcp', port, protocol: 'TCP', targetPort: port },
        ...(balanced ? rtpPorts(tenant, snapshot) : []),
      ],
    },
  };
}

function rtpPorts(tenant: Tenant, snapshot: TenantSnapshot): unknown[] {
  return Array.from({ length: mediaPorts(tenant, snapshot) }, (_, index) => {
    const port = RTP_START + index;
    return { name: `rtp-${port}`, port, protocol: 'UDP', targetPort: port };
  });
}

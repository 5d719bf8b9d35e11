import { mediaPorts, RTP_START } from '../media-ports.ts';
import { childLabels, LABEL_COMPONENT, LABEL_ORGANIZATION, pbxName } from '../names.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { ownedBy } from './credentials.ts';
import { AGENT_API_PORT, AGENT_PROBE_PORT } from './ports.ts';

/** What finds and guards the PBX on the network: the headless Service, the exposure Service, the NetworkPolicy. */

export function podSelector(organization: string): Record<string, string> {
  return { [LABEL_ORGANIZATION]: organization, [LABEL_COMPONENT]: 'pbx' };
}

export function headlessService(tenant: Tenant, snapshot: TenantSnapshot): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(pbxName(tenant.name), tenant, snapshot),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: podSelector(tenant.name),
      ports: [{ name: 'sip', port: snapshot.platform.sipPort, protocol: 'UDP', targetPort: snapshot.platform.sipPort }],
    },
  };
}

/**
 * Endpoints that leave a Service take their UDP flows with them, so not-ready ones stay (design: Services). A load
 * balancer's address is what phones are told for media too, so it carries the RTP ports: without node ports, of which a
 * cluster has fewer than a few tenants need. With the other types phones reach the pod's address for media.
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
      ...metadata(`${tenant.name}-sip`, tenant, snapshot),
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

/** On the namespace of whoever collects metrics. */
const LABEL_MONITORING = 'ringfleet.io/monitoring';

/** Addresses that a PBX never needs: the cloud's metadata and everything link-local. */
const LINK_LOCAL = '169.254.0.0/16';

/**
 * Most that enforce a policy see a packet after a Service's address became an endpoint's: who keeps a PBX from the API
 * server must name the server's own addresses. Only for TCP, since a node may have the same ones, and RTP of its own.
 */
function elsewhere(
  protocol: 'UDP' | 'TCP',
  { clusterCidrs = [], apiServers = [] }: TenantSnapshot['platform'],
): unknown {
  const servers = protocol === 'TCP' ? apiServers.map(address => `${address}/32`) : [];
  return {
    to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [LINK_LOCAL, ...clusterCidrs, ...servers] } }],
    ports: [{ protocol, port: 1024, endPort: 65535 }],
  };
}

export function networkPolicy(tenant: Tenant, snapshot: TenantSnapshot): Manifest {
  const port = snapshot.platform.sipPort;
  const rtp = { protocol: 'UDP', port: RTP_START, endPort: RTP_START + mediaPorts(tenant, snapshot) - 1 };
  const sip = [
    { protocol: 'UDP', port },
    { protocol: 'TCP', port },
  ];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(pbxName(tenant.name), tenant, snapshot),
    spec: {
      podSelector: { matchLabels: podSelector(tenant.name) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { ports: [...sip, rtp] },
        {
          from: [
            {
              namespaceSelector: {
                matchLabels: { 'kubernetes.io/metadata.name': snapshot.platform.operatorNamespace },
              },
            },
          ],
          ports: [{ protocol: 'TCP', port: AGENT_API_PORT }],
        },
        {
          from: [{ namespaceSelector: { matchLabels: { [LABEL_MONITORING]: 'true' } } }],
          ports: [{ protocol: 'TCP', port: AGENT_PROBE_PORT }],
        },
      ],
      egress: [
        {
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
        elsewhere('UDP', snapshot.platform),
        elsewhere('TCP', snapshot.platform),
      ],
    },
  };
}

export function metadata(name: string, tenant: Tenant, snapshot: TenantSnapshot): Manifest['metadata'] {
  return {
    name,
    namespace: snapshot.namespace,
    labels: childLabels(tenant.name, 'pbx-support'),
    ...ownedBy('Organization', tenant.organization),
  };
}

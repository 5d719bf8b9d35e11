import { mediaPorts, RTP_START } from '../media-ports.ts';
import { pbxName } from '../names.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { podSelector, supportMetadata } from './metadata.ts';
import { AGENT_API_PORT, AGENT_PROBE_PORT } from './ports.ts';

/** Label of the namespace that may read metrics. */
const LABEL_MONITORING = 'ringfleet.io/monitoring';

/** Addresses that a PBX never needs: the cloud's metadata and everything link-local. */
const LINK_LOCAL = '169.254.0.0/16';

/**
 * Most implementations of NetworkPolicy see a packet after the address of a Service was replaced by that of an endpoint
 * (DNAT). To keep a PBX from the API server, the server's own addresses must be excepted. Only for TCP: a node may have the
 * same addresses, and RTP of its own.
 */
function external(
  protocol: 'UDP' | 'TCP',
  { clusterCidrs = [], apiServers = [] }: TenantSnapshot['platform'],
): unknown {
  const servers = protocol === 'TCP' ? apiServers.map(address => `${address}/32`) : [];
  return {
    to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [LINK_LOCAL, ...clusterCidrs, ...servers] } }],
    ports: [{ protocol, port: 1024, endPort: 65535 }],
  };
}

/** The NetworkPolicy of the PBX pod: SIP and RTP from anywhere, the agent from the operator alone, out by high ports. */
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
    metadata: supportMetadata(pbxName(tenant.name), tenant, snapshot),
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
        external('UDP', snapshot.platform),
        external('TCP', snapshot.platform),
      ],
    },
  };
}

import { CONFIGURED, MEMORY } from '../../api/pod-files.ts';
import { digest, MAX_SHARDS } from '../asterisk/bundle.ts';
import { pbxName } from '../names.ts';
import type { Manifest, TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { authName, shardName } from './bundle-objects.ts';
import { MEMORY_SCRIPT } from './memory-script.ts';
import { podSelector, supportMetadata } from './metadata.ts';
import { AGENT_API_PORT, AGENT_PROBE_PORT } from './ports.ts';
import { claimName } from './pvc.ts';
import { agentResources, asteriskResources } from './resources.ts';

/** The digest of the template that a pod was made from. When it differs from the StatefulSet's, a roll is due. */
export const TEMPLATE_DIGEST = 'ringfleet.io/template';

/** Time after the drain deadline to refuse new calls and end the remaining ones. */
const REFUSE_SECONDS = 120;

export function statefulSet(tenant: Tenant, snapshot: TenantSnapshot): Manifest {
  const spec = podSpec(tenant, snapshot);
  const template = {
    metadata: {
      labels: podSelector(tenant.name),
      annotations: {
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        [TEMPLATE_DIGEST]: templateDigest(spec),
      },
    },
    spec,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: supportMetadata(pbxName(tenant.name), tenant, snapshot),
    spec: {
      replicas: 1,
      serviceName: pbxName(tenant.name),
      selector: { matchLabels: podSelector(tenant.name) },
      updateStrategy: { type: 'OnDelete' },
      podManagementPolicy: 'Parallel',
      template,
    },
  };
}

/** Digest of all that needs a new pod when it changes. The drain deadline does not: each drain request carries it. */
function templateDigest(spec: Record<string, unknown>): string {
  const { terminationGracePeriodSeconds: _, ...rest } = spec;
  return digest(JSON.stringify(rest).replace(/"name":"RINGFLEET_DRAIN_DEADLINE_SECONDS","value":"\d+"/g, '')).slice(
    0,
    16,
  );
}

const PLACES = [
  { name: 'config', mountPath: '/etc/asterisk' },
  { name: 'run', mountPath: '/run/asterisk' },
  { name: 'log', mountPath: '/var/log/asterisk' },
  { name: 'tmp', mountPath: '/tmp' },
] as const;

function podSpec(tenant: Tenant, snapshot: TenantSnapshot): Record<string, unknown> {
  const image = tenant.pbx.image || snapshot.platform.image;
  const mounts = [
    ...PLACES.map(place => ({ ...place })),
    { name: 'state', mountPath: '/var/lib/ringfleet/state' },
    { name: 'media', mountPath: '/var/spool/asterisk' },
  ];
  const deadline = tenant.pbx.roll?.deadlineSeconds ?? 7200;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: deadline + REFUSE_SECONDS + 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    initContainers: [agentContainer(tenant, image, mounts, deadline)],
    containers: [asteriskContainer(tenant, image, mounts, { sipPort: snapshot.platform.sipPort, deadline })],
    volumes: volumes(tenant),
    // Asterisk looks up its own host name at boot and waits for DNS over the AAAA record (shared measurements: 6.4 s).
    hostAliases: [{ ip: '::1', hostnames: [`${pbxName(tenant.name)}-0`] }],
  };
}

const ASTERISK_CONF = '/etc/asterisk/asterisk.conf';
/**
 * Asterisk's container starts at once and waits for its files by itself. With a startup probe of the agent the kubelet would
 * start it one and a half seconds after the files are there (measured), in every replaced pod.
 */
const WHEN_CONFIGURED = `(bash -c "$1" /run/asterisk/${MEMORY} &); until [ -e /run/asterisk/${CONFIGURED} ]; do sleep 0.05; done; exec asterisk -f -C "$0"`;
const WHILE_CONFIGURED = `[ ! -e /run/asterisk/${CONFIGURED} ] || exec asterisk -C "$0" -rx 'core show uptime'`;

const LOCKED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/** Read by the agent, and by the preStop hook of Asterisk when there is no agent. */
function drainDeadline(seconds: number): Record<string, unknown> {
  return { name: 'RINGFLEET_DRAIN_DEADLINE_SECONDS', value: String(seconds) };
}

function agentContainer(
  tenant: Tenant,
  image: string,
  mounts: readonly { name: string; mountPath: string }[],
  deadline: number,
): Record<string, unknown> {
  const probe = (path: string): Record<string, unknown> => ({
    httpGet: { path, port: AGENT_PROBE_PORT, scheme: 'HTTP' },
  });
  return {
    name: 'agent',
    image,
    imagePullPolicy: 'IfNotPresent',
    restartPolicy: 'Always',
    command: ['node', '/opt/ringfleet/agent.js', 'run'],
    env: [{ name: 'RINGFLEET_ORGANIZATION', value: tenant.name }, drainDeadline(deadline)],
    ports: [
      { name: 'agent-api', containerPort: AGENT_API_PORT, protocol: 'TCP' },
      { name: 'agent-probe', containerPort: AGENT_PROBE_PORT, protocol: 'TCP' },
    ],
    resources: agentResources(tenant),
    securityContext: LOCKED,
    livenessProbe: { ...probe('/livez'), periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 },
    volumeMounts: [
      ...mounts,
      { name: 'bundle', mountPath: '/etc/ringfleet/bundle', readOnly: true },
      { name: 'tls', mountPath: '/etc/ringfleet/tls', readOnly: true },
    ],
  };
}

function asteriskContainer(
  tenant: Tenant,
  image: string,
  mounts: readonly { name: string; mountPath: string }[],
  { sipPort, deadline }: { sipPort: number; deadline: number },
): Record<string, unknown> {
  return {
    name: 'asterisk',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['tini', '--', 'sh', '-c', WHEN_CONFIGURED, ASTERISK_CONF, MEMORY_SCRIPT],
    env: [drainDeadline(deadline)],
    ports: [
      { name: 'sip-udp', containerPort: sipPort, protocol: 'UDP' },
      { name: 'sip-tcp', containerPort: sipPort, protocol: 'TCP' },
    ],
    resources: asteriskResources(tenant),
    securityContext: LOCKED,
    // Answered by the agent, which may be away for some seconds.
    readinessProbe: {
      httpGet: { path: '/readyz', port: AGENT_PROBE_PORT, scheme: 'HTTP' },
      periodSeconds: 1,
      failureThreshold: 15,
      timeoutSeconds: 3,
    },
    // Not answered by the agent: calls go on while that is away (its image cannot be pulled). Asterisk is dead only when its
    // own control socket has not answered for minutes.
    livenessProbe: {
      exec: { command: ['sh', '-c', WHILE_CONFIGURED, ASTERISK_CONF] },
      initialDelaySeconds: 30,
      periodSeconds: 20,
      failureThreshold: 9,
      timeoutSeconds: 15,
    },
    lifecycle: { preStop: { exec: { command: ['node', '/opt/ringfleet/agent.js', 'drain'] } } },
    volumeMounts: mounts,
  };
}

function volumes(tenant: Tenant): unknown[] {
  const optional = true;
  // The largest possible number: a raised limit must not change the template, or it would need a new pod.
  const shards = Array.from({ length: 1 + MAX_SHARDS }, (_, shard) => shard);
  const sources = [
    { configMap: { name: pbxName(tenant.name), optional } },
    ...shards.map(shard => ({ configMap: { name: shardName(tenant.name, shard), optional } })),
    ...shards.map(shard => ({ secret: { name: authName(tenant.name, shard), optional } })),
  ];
  const place = (name: 'state' | 'media'): unknown =>
    tenant.pbx.storage?.[name]
      ? { name, persistentVolumeClaim: { claimName: claimName(tenant.name, name) } }
      : { name, emptyDir: {} };
  return [
    { name: 'bundle', projected: { defaultMode: 0o440, sources } },
    { name: 'tls', secret: { secretName: `${pbxName(tenant.name)}-tls`, defaultMode: 0o440, optional } },
    ...PLACES.map(({ name }) => ({ name, emptyDir: name === 'run' ? { medium: 'Memory', sizeLimit: '16Mi' } : {} })),
    place('state'),
    place('media'),
  ];
}

import { z } from 'zod';
import type { OperatorPod } from './operator-pod.ts';

/** What can be set of the operator's chart: one source of values.yaml, with a comment for each, and of values.schema.json. */
export function chartValues(pod: OperatorPod): z.ZodType {
  return z.strictObject({
    ...images(),
    ...scope(),
    ...contents(),
    ...podValues(pod),
    ...clusterIntegration(),
    fullnameOverride: text(
      'Name of the objects. Empty: <release>-operator if the release name contains "ringfleet", else <release>-ringfleet-operator.',
    ),
    labels: words('Extra labels of all objects.'),
    annotations: words('Extra annotations of all objects.'),
    global: anything('Global values of a parent chart. Not used.', {}),
  });
}

function images(): z.ZodRawShape {
  return {
    image: group('Images, by tag or by digest.', {
      registry: text(
        'Registry, and path, of both images: registry.example.com/telephony. Required; use docker.io/library for images that ' +
          'were built on the node.',
      ),
      operator: image('Image of the operator.', 'ringfleet-operator'),
      pbx: image(
        'Image of the PBX pods. A new image replaces each PBX when it has no call, in the maintenance window of its class.',
        'ringfleet-pbx',
      ),
      pullPolicy: z
        .enum(['IfNotPresent', 'Always', 'Never'])
        .default('IfNotPresent')
        .describe('When the image of the operator is pulled.'),
    }),
    imagePullSecrets: list(
      "Pull secrets of the operator's image, in the release's namespace: [{name: registry}]. PBX pods use the imagePullSecrets " +
        "of the default ServiceAccount of their tenant's namespace.",
      z.strictObject({ name: z.string().min(1).describe('Name of the Secret.') }),
    ),
  };
}

function scope(): z.ZodRawShape {
  return {
    watchNamespaces: z
      .array(z.string().max(63).regex(LABEL))
      .max(100)
      .default([])
      .describe(
        'Namespaces of the tenants that this operator manages; they must exist. Empty: all namespaces. With a list ' +
          'the operator has permissions in these and in its own namespace only, and reads Namespaces, Nodes and ' +
          'OrganizationClasses. SIP domains and phone numbers are then unique among these namespaces only.',
      ),
    deniedNetworks: z
      .array(z.string().regex(/^[0-9.]+\/[0-9]{1,2}$/))
      .max(100)
      .default([])
      .describe('IPv4 networks (CIDR) that PBX pods may not reach. Empty: only the API server.'),
    logLevel: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
      .default('info')
      .describe('Log level of the operator.'),
  };
}

function contents(): z.ZodRawShape {
  return {
    crds: group('CustomResourceDefinitions.', {
      enabled: flag('Install the CRDs, and upgrade them with the chart.'),
      keep: flag('Keep the CRDs on uninstall. Deleting them deletes all tenants and ends their calls.'),
    }),
    classes: group('Built-in OrganizationClasses: general, hotel and hospital.', {
      enabled: flag(
        'Apply them after each install, upgrade and rollback, with a Job. A class in which a field that would change was ' +
          'edited is left as it is. They are kept on uninstall.',
      ),
    }),
    roles: group('ClusterRoles for users. Enable them in one release of a cluster only.', {
      enabled: flag(
        'Aggregate permissions on the kinds of a tenant to the roles admin, edit and view, and create the role ' +
          'ringfleet-provider for administrators of the platform.',
      ),
    }),
    policies: group('ValidatingAdmissionPolicies. Enable them in one release of a cluster only.', {
      enabled: flag(
        'Restrict fields that belong to the provider, and refuse to delete an Organization that is in use.',
      ),
    }),
  };
}

function podValues(pod: OperatorPod): z.ZodRawShape {
  return {
    replicas: z
      .int()
      .min(0)
      .max(9)
      .default(pod.replicas)
      .describe('Replicas of the operator. One is the leader, the others are on standby with filled caches.'),
    resources: anything("Requests and limits of the operator's container.", pod.resources),
    maxHeapMiB: z
      .int()
      .min(64)
      .default(pod.maxHeapMiB)
      .describe('Heap limit of Node.js, in MiB: about three quarters of the memory limit.'),
    podSecurityContext: anything(
      'Security context of the pods. The default passes the restricted level of Pod Security.',
      pod.podSecurityContext,
    ),
    securityContext: anything(
      'Security context of the containers. The default passes the restricted level of Pod Security.',
      pod.securityContext,
    ),
    nodeSelector: words('Node labels for pod assignment.'),
    tolerations: list('Tolerations of the pods.', z.record(z.string(), z.unknown())),
    affinity: anything('Affinity of the pods.', {}),
    topologySpreadConstraints: z
      .array(z.record(z.string(), z.unknown()))
      .default(pod.topologySpreadConstraints)
      .describe('Topology spread constraints. One without a labelSelector gets the selector of the operator.'),
    priorityClassName: text('PriorityClass of the pods, such as system-cluster-critical.'),
    podLabels: words('Extra labels of the pods.'),
    podAnnotations: words('Extra annotations of the pods.'),
    podDisruptionBudget: group("PodDisruptionBudget of the operator's pods.", {
      enabled: flag('Create it.'),
      maxUnavailable: z
        .union([z.int().min(0), z.string().regex(/^[0-9]{1,3}%$/)])
        .default(1)
        .describe('Number or percentage of pods that a node drain may evict at a time.'),
    }),
    serviceAccount: group('ServiceAccount of the operator.', {
      create: flag('Create it. Otherwise name an existing one.'),
      name: text('Its name. Empty: the full name of the release.'),
      annotations: words('Its annotations.'),
    }),
  };
}

function clusterIntegration(): z.ZodRawShape {
  return {
    networkPolicy: group("NetworkPolicy of the operator's pods.", {
      enabled: flag('Allow ingress to the port of health checks and metrics only.'),
      from: list(
        'Peers (of a NetworkPolicy) that may connect to that port. Empty: all. The kubelet always may.',
        z.record(z.string(), z.unknown()),
      ),
      restrictEgress: z.boolean().default(false).describe('Allow egress to DNS, the API server and PBX pods only.'),
      apiServerPorts: z
        .array(z.int().min(1).max(65535))
        .min(1)
        .default([443, 6443])
        .describe(
          'Ports of the API server: that of its Service, and the port it listens on. CNI plugins differ in which one they see.',
        ),
    }),
    metrics: group('Metrics of the operator, at /metrics of port 8080.', {
      monitor: group('Monitor for the Prometheus operator (monitoring.coreos.com).', {
        render: when('the monitor'),
        kind: z
          .enum(['PodMonitor', 'ServiceMonitor'])
          .default('PodMonitor')
          .describe('Kind of the monitor. A ServiceMonitor comes with a Service.'),
        interval: z
          .string()
          .regex(/^([0-9]+(ms|s|m|h))+$/)
          .default('30s')
          .describe('Scrape interval.'),
        labels: words('Extra labels, by which a Prometheus selects monitors.'),
      }),
      rules: group('Alerts about the operator, as a PrometheusRule.', {
        render: when('the rule'),
        labels: words('Extra labels, by which a Prometheus selects rules.'),
      }),
    }),
  };
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A member with members: whoever sets none of them has all defaults. */
const group = (description: string, shape: z.ZodRawShape): z.ZodType =>
  z.strictObject(shape).optional().describe(description);
const flag = (description: string): z.ZodType => z.boolean().default(true).describe(description);
const text = (description: string, value = ''): z.ZodType => z.string().default(value).describe(description);
const anything = (description: string, value: Record<string, unknown>): z.ZodType =>
  z.record(z.string(), z.unknown()).default(value).describe(description);
const words = (description: string): z.ZodType => z.record(z.string(), z.string()).default({}).describe(description);
const list = (description: string, item: z.ZodType): z.ZodType => z.array(item).default([]).describe(description);

/** Not `on` and `off`: some readers of YAML take these for booleans. */
function when(what: string): z.ZodType {
  return z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(`Whether to create ${what}. auto: if the cluster has the kind; always: without looking.`);
}

function image(description: string, repository: string): z.ZodType {
  return group(description, {
    repository: text('Its name below the registry.', repository),
    tag: text("Its tag. Empty: the chart's appVersion."),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .default('')
      .describe('Its digest (sha256:…). Goes before the tag.'),
  });
}

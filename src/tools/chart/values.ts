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
    fullnameOverride: text('Name of all objects of the operator. Empty: the name of the release and "operator".'),
    labels: words('More labels of every object.'),
    annotations: words('Annotations of every object.'),
    global: anything('Values of a chart that this one is a part of. Not looked at.', {}),
  });
}

function images(): z.ZodRawShape {
  return {
    image: group('Images, by tag or by digest.', {
      registry: text(
        'Where both images are, such as registry.example.com/telephony. Has to be set; docker.io/library for images that ' +
          'were built on the node itself.',
      ),
      operator: image("The operator's image.", 'ringfleet-operator'),
      pbx: image(
        "The image of tenants' PBX pods. With another one each PBX is replaced, without a call, in the window of its class.",
        'ringfleet-pbx',
      ),
      pullPolicy: z
        .enum(['IfNotPresent', 'Always', 'Never'])
        .default('IfNotPresent')
        .describe("When the operator's image is pulled."),
    }),
    imagePullSecrets: list(
      "Secrets of the release's namespace to pull the operator's image with: [{name: registry}]. PBX pods are in the " +
        'namespaces of tenants and run as the default ServiceAccount there: give that its own imagePullSecrets.',
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
        'Namespaces of the tenants that this operator looks after; they have to exist. Empty: all namespaces. With a list ' +
          "the operator has rights in these and its own alone, and reads the cluster's namespaces, nodes and classes. What " +
          'only one tenant may have, such as a SIP domain, is then unique among them only.',
      ),
    deniedNetworks: z
      .array(z.string().regex(/^[0-9.]+\/[0-9]{1,2}$/))
      .max(100)
      .default([])
      .describe('IPv4 networks (CIDR) that PBX pods may not reach. Empty: only the API server.'),
    logLevel: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
      .default('info')
      .describe('The least severe messages that the operator logs.'),
  };
}

function contents(): z.ZodRawShape {
  return {
    crds: group('CustomResourceDefinitions.', {
      enabled: flag('Install them, and upgrade them with the chart.'),
      keep: flag('Keep them when the release is uninstalled. Without them all tenants are gone, and their calls.'),
    }),
    classes: group('Built-in OrganizationClasses: general, hotel and hospital.', {
      enabled: flag(
        'Bring them in after each install, upgrade and rollback, by a Job. One that somebody changed is left as it is. They ' +
          'stay when the release is uninstalled.',
      ),
    }),
    roles: group("ClusterRoles for people. A cluster has them once: set false in a second operator's release.", {
      enabled: flag(
        "Extend the built-in roles edit and view by what people do in a tenant's namespace, and make ringfleet-provider for " +
          "the platform's own people.",
      ),
    }),
    policies: group("ValidatingAdmissionPolicies. A cluster has them once: set false in a second operator's release.", {
      enabled: flag(
        'Say who may change which field, and keep an Organization that people use from being deleted by a slip.',
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
      .describe('Number of operators. One leads, the others keep their caches warm and take over.'),
    resources: anything("Requests and limits of the operator's container.", pod.resources),
    maxHeapMiB: z
      .int()
      .min(64)
      .default(pod.maxHeapMiB)
      .describe('Most memory of JavaScript objects, in MiB: about three quarters of the limit of memory.'),
    podSecurityContext: anything(
      'Security context of the pods. The default passes the restricted level of Pod Security.',
      pod.podSecurityContext,
    ),
    securityContext: anything(
      'Security context of the containers. The default passes the restricted level of Pod Security.',
      pod.securityContext,
    ),
    nodeSelector: words('Labels of the nodes that may run the operator.'),
    tolerations: list('Taints of nodes that the operator tolerates.', z.record(z.string(), z.unknown())),
    affinity: anything('Affinity of the pods.', {}),
    topologySpreadConstraints: z
      .array(z.record(z.string(), z.unknown()))
      .default(pod.topologySpreadConstraints)
      .describe("How replicas are spread. A constraint without a labelSelector gets the operator's."),
    priorityClassName: text('PriorityClass of the pods, such as system-cluster-critical.'),
    podLabels: words('More labels of the pods.'),
    podAnnotations: words('Annotations of the pods.'),
    podDisruptionBudget: group("PodDisruptionBudget of the operator's pods.", {
      enabled: flag('Whether there is one.'),
      maxUnavailable: z
        .union([z.int().min(0), z.string().regex(/^[0-9]{1,3}%$/)])
        .default(1)
        .describe('How many pods, or what part of them, a drain of nodes may take away at a time.'),
    }),
    serviceAccount: group('ServiceAccount of the operator.', {
      create: flag('Make it. Otherwise name one that exists.'),
      name: text('Its name. Empty: that of the other objects.'),
      annotations: words('Annotations of it.'),
    }),
  };
}

function clusterIntegration(): z.ZodRawShape {
  return {
    networkPolicy: group("NetworkPolicy of the operator's pods.", {
      enabled: flag('Let in nothing but requests for health and metrics.'),
      from: list(
        'Who may send these, as peers of a NetworkPolicy. Empty: everybody. Nodes (for health) always may.',
        z.record(z.string(), z.unknown()),
      ),
      restrictEgress: z
        .boolean()
        .default(false)
        .describe('Let out nothing but requests for names (port 53), to the API server and to PBX pods.'),
      apiServerPorts: z
        .array(z.int().min(1).max(65535))
        .min(1)
        .default([443, 6443])
        .describe("The API server's ports, that of its Service and its own: networks differ in which one they see."),
    }),
    metrics: group('Metrics of the operator, at /metrics of port 8080.', {
      monitor: group('How Prometheus finds them (monitoring.coreos.com).', {
        render: when('a monitor'),
        kind: z
          .enum(['PodMonitor', 'ServiceMonitor'])
          .default('PodMonitor')
          .describe('Kind of the monitor. The latter brings a Service.'),
        interval: z
          .string()
          .regex(/^([0-9]+(ms|s|m|h))+$/)
          .default('30s')
          .describe('How often metrics are read.'),
        labels: words('Labels by which a Prometheus chooses its monitors.'),
      }),
      rules: group('Alerts about the operator, as a PrometheusRule.', {
        render: when('alerts'),
        labels: words('Labels by which a Prometheus chooses its rules.'),
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
    .describe(
      `Whether to have ${what}. auto: where the cluster knows the kind; always: also where it does not seem to.`,
    );
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

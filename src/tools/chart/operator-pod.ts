import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** What config/operator/deployment.yaml says of the operator's pod, taken apart into what a chart lets people change and what not. */
export interface OperatorPod {
  readonly replicas: number;
  readonly resources: Record<string, unknown>;
  readonly maxHeapMiB: number;
  readonly podSecurityContext: Record<string, unknown>;
  readonly securityContext: Record<string, unknown>;
  readonly topologySpreadConstraints: Record<string, unknown>[];
  /** Members of the container, and of the pod, that nobody changes. */
  readonly container: Record<string, unknown>;
  readonly pod: Record<string, unknown>;
  /** Variables but those that follow from values. */
  readonly env: readonly unknown[];
}

const record = z.record(z.string(), z.unknown());

const Deployment = z.looseObject({
  kind: z.literal('Deployment'),
  spec: z.looseObject({
    replicas: z.int(),
    template: z.looseObject({
      spec: z.looseObject({
        securityContext: record,
        topologySpreadConstraints: z.array(record),
        containers: z.tuple([
          z.looseObject({
            env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })),
            resources: record,
            securityContext: record,
          }),
        ]),
      }),
    }),
  }),
});

/** What the template itself writes. */
const FROM_VALUES: ReadonlySet<string> = new Set(['RINGFLEET_PBX_IMAGE', 'RINGFLEET_LOG_LEVEL']);
const HEAP = /--max-old-space-size=(\d+)/;

/** Takes the text of the manifest; throws when the Deployment is not as it is expected. */
export function operatorPod(manifests: string): OperatorPod {
  const documents = parseAllDocuments(manifests).map(one => one.toJS() as { kind?: string });
  const { spec } = Deployment.parse(documents.find(({ kind }) => kind === 'Deployment'));
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const heap = container.env.map(({ value }) => HEAP.exec(value ?? '')?.[1]).find(Boolean);
  return {
    replicas: spec.replicas,
    resources: container.resources,
    maxHeapMiB: Number(heap),
    podSecurityContext: pod.securityContext,
    securityContext: container.securityContext,
    topologySpreadConstraints: pod.topologySpreadConstraints.map(one => without(one, 'labelSelector')),
    container: without(container, 'name', 'image', 'imagePullPolicy', 'env', 'resources', 'securityContext'),
    pod: without(pod, 'containers', 'securityContext', 'topologySpreadConstraints', 'serviceAccountName'),
    env: container.env
      .filter(({ name }) => !FROM_VALUES.has(name))
      .map(one => (HEAP.test(one.value ?? '') ? { ...one, value: one.value?.replace(HEAP, HEAP_OF_VALUES) } : one)),
  };
}

function without(object: Readonly<Record<string, unknown>>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

const HEAP_OF_VALUES = '--max-old-space-size={{ .Values.maxHeapMiB }}';

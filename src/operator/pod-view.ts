import { TEMPLATE_DIGEST } from '../core/kubernetes/stateful-set.ts';
import type { PodView } from '../core/snapshot.ts';
import type { KubeObject } from '../kube/resource.ts';

/** The parts of a PBX pod that the core needs. Pure. */
interface PodParts {
  readonly spec?: { readonly nodeName?: string; readonly containers?: readonly { name: string; image: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly conditions?: readonly { type: string; status: string }[];
  };
}

export function podView(pod: KubeObject, node: KubeObject | undefined): PodView {
  const { spec, status } = pod as unknown as PodParts;
  const { name, uid = '', deletionTimestamp, annotations = {} } = pod.metadata;
  const image = spec?.containers?.find(container => container.name === 'asterisk')?.image;
  const templateDigest = annotations[TEMPLATE_DIGEST];
  return {
    name,
    uid,
    ...(status?.podIP ? { ip: status.podIP } : {}),
    ...(status?.hostIP ? { hostIp: status.hostIP } : {}),
    ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    terminating: deletionTimestamp !== undefined,
    ...(status?.phase === 'Pending' ? { neverRan: true } : {}),
    ...(image ? { image } : {}),
    ...(templateDigest ? { templateDigest } : {}),
    annotations,
    cordoned: (node?.['spec'] as { unschedulable?: boolean } | undefined)?.unschedulable === true,
  };
}

export function nodeNameOf(pod: KubeObject | undefined): string | undefined {
  return (pod as unknown as PodParts | undefined)?.spec?.nodeName;
}

export function podIpOf(pod: KubeObject | undefined): string | undefined {
  return (pod as unknown as PodParts | undefined)?.status?.podIP;
}

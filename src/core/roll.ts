import { TEMPLATE_DIGEST } from './kubernetes/workload.ts';
import type { Tenant } from './tenant.ts';
import type { Manifest, World } from './world.ts';

/**
 * When a PBX pod is replaced: its template is another one now, a restart-class file waits, or its node is cordoned. The
 * agent empties the PBX (new calls are accepted until it is empty, or until the deadline); an empty one is deleted.
 */
export interface RollDecision {
  readonly rolling: boolean;
  readonly deletePod?: { readonly pod: string; readonly uid: string; readonly reason: string };
  readonly drain?: { readonly reason: string };
  readonly waitSeconds?: number;
}

const LOOK_AGAIN_SECONDS = 5;

export function nextRoll(_tenant: Tenant, wanted: readonly Manifest[], world: World): RollDecision {
  const reason = reasonToRoll(wanted, world);
  const { pod, report } = world;
  if (!reason || !pod || pod.terminating) return { rolling: false };
  if (!report) {
    // An agent that never comes up (a bad image) must not be in the way of the one that replaces it.
    return pod.ready
      ? { rolling: true, waitSeconds: LOOK_AGAIN_SECONDS }
      : { rolling: true, deletePod: { pod: pod.name, uid: pod.uid, reason } };
  }
  if (report.channels === 0) return { rolling: true, deletePod: { pod: pod.name, uid: pod.uid, reason } };
  return { rolling: true, drain: { reason }, waitSeconds: LOOK_AGAIN_SECONDS };
}

function reasonToRoll(wanted: readonly Manifest[], { pod, report }: World): string | undefined {
  if (!pod) return undefined;
  if (pod.cordoned) return 'NodeCordoned';
  const template = wanted.find(manifest => manifest.kind === 'StatefulSet')?.['spec'] as
    | { template: { metadata: { annotations: Record<string, string> } } }
    | undefined;
  const digest = template?.template.metadata.annotations[TEMPLATE_DIGEST];
  if (digest && pod.templateDigest && digest !== pod.templateDigest) return 'TemplateChanged';
  if (report && report.bundle.restartPending.length > 0) return 'RestartPending';
  return undefined;
}

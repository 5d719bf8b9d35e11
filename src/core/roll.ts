import type { AgentReport } from '../api/report.ts';
import { TEMPLATE_DIGEST } from './kubernetes/workload.ts';
import type { Tenant } from './tenant.ts';
import { secondsToWindow } from './window.ts';
import type { Manifest, PodView, World } from './world.ts';

/**
 * When a PBX pod is replaced: its template is another one now, a restart-class file waits, or its node is cordoned. The
 * agent empties the PBX (new calls are accepted until it is empty, or until the deadline); an empty one is deleted.
 * All but a node's drain happen in the maintenance window and one tenant at a time.
 */
export interface RollDecision {
  readonly rolling: boolean;
  readonly deletePod?: { readonly pod: string; readonly uid: string; readonly reason: string };
  readonly drain?: { readonly reason: string; readonly deadlineSeconds: number };
  /** There is no reason any more: calls as ever. */
  readonly undrain?: true;
  readonly waitSeconds?: number;
}

const LOOK_AGAIN_SECONDS = 5;
/** An agent that says nothing for so long, in a pod that is not ready, will not empty anything. */
const GIVE_UP_SECONDS = 30;
const DEADLINE_SECONDS = 7200;

export function nextRoll(tenant: Tenant, wanted: readonly Manifest[], world: World, now: string): RollDecision {
  const { pod } = world;
  if (!pod || pod.terminating) return { rolling: false };
  const report = world.agent?.current === false ? undefined : world.report;
  const reason = reasonToRoll(wanted, pod, report);
  if (!reason) return report?.draining ? { rolling: false, undrain: true } : { rolling: false };
  const wait = report?.draining || reason === 'NodeCordoned' ? 0 : secondsToWait(tenant, world, now);
  if (wait > 0) return { rolling: false, waitSeconds: wait };
  const deletePod = { pod: pod.name, uid: pod.uid, reason };
  if (!report?.observed) {
    // What the agent cannot see may be calls. But one that never comes up (a bad image) must not be in the way of the
    // one that replaces it: the pod's own end waits for calls too.
    const hopeless = !report && !pod.ready && (world.agent?.silentSeconds ?? 0) >= GIVE_UP_SECONDS;
    return hopeless ? { rolling: true, deletePod } : { rolling: true, waitSeconds: LOOK_AGAIN_SECONDS };
  }
  if (report.channels === 0) return { rolling: true, deletePod };
  const deadlineSeconds = tenant.pbx.roll?.deadlineSeconds ?? DEADLINE_SECONDS;
  return { rolling: true, drain: { reason, deadlineSeconds }, waitSeconds: LOOK_AGAIN_SECONDS };
}

function secondsToWait(tenant: Tenant, world: World, now: string): number {
  const window = tenant.pbx.roll?.window;
  const untilOpen = window ? secondsToWindow(window, now) : 0;
  if (untilOpen > 0) return untilOpen;
  return world.surroundings.mayRoll ? 0 : LOOK_AGAIN_SECONDS;
}

function reasonToRoll(wanted: readonly Manifest[], pod: PodView, report: AgentReport | undefined): string | undefined {
  if (pod.cordoned) return 'NodeCordoned';
  // it is the last one, after the credentials of thousands
  const template = wanted.findLast(manifest => manifest.kind === 'StatefulSet')?.['spec'] as
    | { template: { metadata: { annotations: Record<string, string> } } }
    | undefined;
  const digest = template?.template.metadata.annotations[TEMPLATE_DIGEST];
  if (digest && pod.templateDigest && digest !== pod.templateDigest) return 'TemplateChanged';
  if (report && report.bundle.restartPending.length > 0) return 'RestartPending';
  return undefined;
}

import type { Operation } from '../api/operation.ts';
import type { AgentReport } from '../api/report.ts';
import { TEMPLATE_DIGEST } from './kubernetes/stateful-set.ts';
import type { Plan, RollPending } from './plan.ts';
import type { Manifest, PodView, TenantSnapshot } from './snapshot.ts';
import type { Tenant } from './tenant.ts';
import { secondsToWindow, type Window } from './window.ts';

/**
 * When a PBX pod is replaced: its template is another one now, a restart-class file waits, or its node is cordoned. The
 * agent empties the PBX (new calls are accepted until it is empty, or until the deadline); an empty one is deleted.
 * All but a node's drain happen in the maintenance window, and one tenant after the other: while a PBX that was replaced
 * for the same cause does not serve, nobody else is. A pod that never ran loses nothing, and waits for nobody.
 *
 * An agent takes its PBX back into service when it was not asked for a minute (`agent/operations/drain.ts`). So one that is to stay
 * as it is, on its way to be empty, is asked with each look.
 */
export interface RollDecision {
  readonly rolling: boolean;
  readonly deletePod?: NonNullable<Plan['roll']>;
  /** Empty it; or calls as ever, when there is no reason any more, or nobody is replaced for a while. */
  readonly operation?: Operation;
  readonly waitSeconds?: number;
  /** A roll is due, and for what it waits. */
  readonly pending?: RollPending;
}

const LOOK_AGAIN_SECONDS = 5;
/** An agent that says nothing for so long, in a pod that is not ready, will not empty anything. */
const GIVE_UP_SECONDS = 30;
const DEADLINE_SECONDS = 7200;

export function nextRoll(
  tenant: Tenant,
  wanted: readonly Manifest[],
  snapshot: TenantSnapshot,
  now: string,
): RollDecision {
  const { pod } = snapshot;
  if (!pod || pod.terminating) return { rolling: false };
  const report = snapshot.agent?.current === false ? undefined : snapshot.report;
  const reason = reasonToRoll(wanted, pod, report);
  if (!reason) return report?.draining ? { rolling: false, ...backToService } : { rolling: false };
  const deletePod = { pod: pod.name, uid: pod.uid, reason };
  if (pod.neverRan && reason === 'TemplateChanged') return { rolling: true, deletePod };
  if (reason === 'NodeCordoned') return emptied(tenant, snapshot, report, deletePod);
  const window = tenant.pbx.roll?.window;
  const untilOpen = window && !report?.draining ? secondsToWindow(window, now) : 0;
  if (window && untilOpen > 0) return { rolling: false, waitSeconds: untilOpen, pending: forWindow(window) };
  const cause = causeOf(tenant, snapshot);
  const away = snapshot.platform.away.filter(one => one.cause === cause);
  const waiting = { waitSeconds: LOOK_AGAIN_SECONDS, pending: forAnother(cause) };
  if (away.some(({ stuck }) => stuck) || (away.length > 0 && !report?.draining)) {
    // its own deadline must not end calls for a replacement that does not come
    return { rolling: false, ...waiting, ...(report?.draining ? backToService : {}) };
  }
  const decision = emptied(tenant, snapshot, report, { ...deletePod, cause });
  return away.length > 0 && decision.deletePod ? { rolling: true, operation: drainOf(tenant), ...waiting } : decision;
}

/** Asked again until the agent says so. */
const backToService = { operation: { verb: 'undrain' }, waitSeconds: LOOK_AGAIN_SECONDS } as const;

function drainOf({ pbx }: Tenant): { readonly verb: 'drain'; readonly deadlineSeconds: number } {
  return { verb: 'drain', deadlineSeconds: pbx.roll?.deadlineSeconds ?? DEADLINE_SECONDS };
}

function emptied(
  tenant: Tenant,
  snapshot: TenantSnapshot,
  report: AgentReport | undefined,
  deletePod: NonNullable<RollDecision['deletePod']>,
): RollDecision {
  const operation = drainOf(tenant);
  const { agent, pod } = snapshot;
  if (!report?.observed) {
    // What the agent cannot see may be calls. But one that never comes up (a bad image) must not be in the way of the
    // one that replaces it: the pod's own end waits for calls too.
    const hopeless = !report && !pod?.ready && (agent?.silentSeconds ?? 0) >= GIVE_UP_SECONDS;
    // One whose reports cannot be read never says that there is no call; that of another image may.
    const mute = agent?.unreadable !== undefined && otherImage(tenant, snapshot) !== undefined;
    if (hopeless || mute) return { rolling: true, deletePod };
    return { rolling: true, waitSeconds: LOOK_AGAIN_SECONDS, ...(report?.draining ? { operation } : {}) };
  }
  if (report.channels === 0) return { rolling: true, deletePod };
  const pending = forCalls(operation.deadlineSeconds);
  return { rolling: true, operation, waitSeconds: LOOK_AGAIN_SECONDS, pending };
}

/**
 * What a roll is about, so that only those wait for each other that may fail for the same reason: another image, or else
 * whatever changed in the class.
 */
function causeOf(tenant: Tenant, snapshot: TenantSnapshot): string {
  const image = otherImage(tenant, snapshot);
  if (image !== undefined) return `image ${image}`;
  return `class ${tenant.organization.spec.className ?? 'general'}`;
}

/** The image that the pod is to have, when it has another. */
export function otherImage(
  { pbx }: Tenant,
  { pod, platform }: Pick<TenantSnapshot, 'pod' | 'platform'>,
): string | undefined {
  const image = pbx.image || platform.image;
  return pod?.image !== undefined && pod.image !== image ? image : undefined;
}

function forWindow({ start, timezone = 'UTC' }: Window): RollPending {
  const message = `The PBX is to be replaced, and waits for the maintenance window, which opens at ${start} (${timezone})`;
  return { reason: 'MaintenanceWindow', message };
}

/** Whose it is only the platform's people are told: in the operator's log. */
function forAnother(cause: string): RollPending {
  const message =
    'The PBX is to be replaced, and waits for the one of another organization of this platform, which was replaced and does not serve yet';
  return { reason: 'AnotherFirst', message, cause };
}

function forCalls(deadlineSeconds: number): RollPending {
  const minutes = Math.ceil(deadlineSeconds / 60);
  const message = `The PBX is to be replaced, and waits for its calls to end, for ${minutes} minutes at the most`;
  return { reason: 'CallsUp', message };
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

import type { Operation } from '../api/operation.ts';
import type { AgentReport } from '../api/report.ts';
import { TEMPLATE_DIGEST } from './kubernetes/stateful-set.ts';
import type { Plan, RollPending } from './plan.ts';
import type { Manifest, PodView, TenantSnapshot } from './snapshot.ts';
import type { Tenant } from './tenant.ts';
import { secondsToWindow, type Window } from './window.ts';

/**
 * Decides when a PBX pod is replaced: its template changed, a file that only a restart loads has changed, or its node is
 * cordoned. The agent drains the PBX (new calls are accepted until there is none left, or until the deadline); then the pod
 * is deleted. Except for a cordoned node this happens in the maintenance window, and one tenant at a time: while a PBX that
 * was replaced for the same cause is not ready, no other is replaced. A pod that never ran is replaced at once.
 *
 * A drain is a lease: an agent that was not asked for a minute ends it. So the drain is asked for with every pass.
 */
export interface RollDecision {
  readonly rolling: boolean;
  readonly deletePod?: NonNullable<Plan['roll']>;
  /** Drain it; or undrain it, when there is no reason any more, or another PBX goes first. */
  readonly operation?: Operation;
  readonly waitSeconds?: number;
  /** What a due roll waits for. */
  readonly pending?: RollPending;
}

const LOOK_AGAIN_SECONDS = 5;
/** An agent that is silent for so long, in a pod that is not ready, will not drain anything. */
const GIVE_UP_SECONDS = 30;
const DEADLINE_SECONDS = 7200;

/** `now` is RFC 3339. Undefined members mean that there is nothing to do. */
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
    // Otherwise the deadline of the drain would end calls although the pod is not replaced.
    return { rolling: false, ...waiting, ...(report?.draining ? backToService : {}) };
  }
  const decision = emptied(tenant, snapshot, report, { ...deletePod, cause });
  return away.length > 0 && decision.deletePod ? { rolling: true, operation: drainOf(tenant), ...waiting } : decision;
}

/** Asked again with every pass until the agent reports that it does not drain. */
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
    // Without a report there may be calls. But a pod that never comes up (a bad image) must not keep its replacement
    // away; its preStop hook waits for calls too.
    const hopeless = !report && !pod?.ready && (agent?.silentSeconds ?? 0) >= GIVE_UP_SECONDS;
    // An agent whose reports cannot be read never reports an empty PBX; one of the wanted image may.
    const mute = agent?.unreadable !== undefined && otherImage(tenant, snapshot) !== undefined;
    if (hopeless || mute) return { rolling: true, deletePod };
    return { rolling: true, waitSeconds: LOOK_AGAIN_SECONDS, ...(report?.draining ? { operation } : {}) };
  }
  if (report.channels === 0) return { rolling: true, deletePod };
  const pending = forCalls(operation.deadlineSeconds);
  return { rolling: true, operation, waitSeconds: LOOK_AGAIN_SECONDS, pending };
}

/** The cause of a roll. Only PBXs with the same cause wait for each other, since they may fail for the same reason. */
function causeOf(tenant: Tenant, snapshot: TenantSnapshot): string {
  const image = otherImage(tenant, snapshot);
  if (image !== undefined) return `image ${image}`;
  return `class ${tenant.organization.spec.className ?? 'general'}`;
}

/** The image that the pod is to have, when it has another one; undefined: it has it. */
export function otherImage(
  { pbx }: Tenant,
  { pod, platform }: Pick<TenantSnapshot, 'pod' | 'platform'>,
): string | undefined {
  const image = pbx.image || platform.image;
  return pod?.image !== undefined && pod.image !== image ? image : undefined;
}

function forWindow({ start, timezone = 'UTC' }: Window): RollPending {
  const message = `The PBX pod will be replaced in the maintenance window, which opens at ${start} (${timezone})`;
  return { reason: 'MaintenanceWindow', message };
}

/** The message does not name the other tenant; the operator's log does. */
function forAnother(cause: string): RollPending {
  const message =
    'The PBX pod will be replaced when that of another organization of this cluster, which was replaced before, is in service again';
  return { reason: 'AnotherFirst', message, cause };
}

function forCalls(deadlineSeconds: number): RollPending {
  const minutes = Math.ceil(deadlineSeconds / 60);
  const message = `The PBX pod will be replaced when its calls have ended, or after ${minutes} minutes at the latest`;
  return { reason: 'CallsUp', message };
}

function reasonToRoll(wanted: readonly Manifest[], pod: PodView, report: AgentReport | undefined): string | undefined {
  if (pod.cordoned) return 'NodeCordoned';
  // From the end: the StatefulSet is the last object, after the credentials of thousands of users.
  const template = wanted.findLast(manifest => manifest.kind === 'StatefulSet')?.['spec'] as
    | { template: { metadata: { annotations: Record<string, string> } } }
    | undefined;
  const digest = template?.template.metadata.annotations[TEMPLATE_DIGEST];
  if (digest && pod.templateDigest && digest !== pod.templateDigest) return 'TemplateChanged';
  if (report && report.bundle.restartPending.length > 0) return 'RestartPending';
  return undefined;
}

import type { InForce } from '../api/record.ts';
import { recordedEngine } from './asterisk/engine-version.ts';
import { renderBundle } from './asterisk/render.ts';
import { inSequence } from './bundle-sequence.ts';
import { differing, obsolete } from './diff.ts';
import { type Evaluation, evaluate } from './evaluation.ts';
import type { Evaluated } from './kinds/module.ts';
import type { EvaluatedUser } from './kinds/sip-user/resolve.ts';
import { childObjects } from './kubernetes/children.ts';
import { credentialsSecret } from './kubernetes/credentials-secret.ts';
import { ListMemo } from './list-memo.ts';
import { Memo } from './memo.ts';
import { LABEL_USER, NUDGE } from './names.ts';
import type { Bundle, Plan, SecretRequest } from './plan.ts';
import { nextRoll, type RollDecision } from './roll.ts';
import { type InvalidObject, invalidOf, isAgentPending, type Manifest, type TenantSnapshot } from './snapshot.ts';
import { transitions } from './status/events.ts';
import { allStatuses } from './status/statuses.ts';
import type { Tenant } from './tenant.ts';

/**
 * Decides what should exist for a tenant, and what must be done for it. Pure: the same snapshot and time give the same plan
 * to the byte; the order of the lists in the snapshot does not matter; compiling again after a plan was carried out gives an
 * empty one. Tests pass another `render` to spoil its output.
 */
export function compile(snapshot: TenantSnapshot, now: string, render: typeof renderBundle = renderBundle): Plan {
  const evaluation = evaluate(snapshot);
  const { tenant } = evaluation;
  const secretRequests = allSecretRequests(evaluation);
  if (!tenant) return withoutPbx(evaluation, snapshot, now, secretRequests);
  const bundle = inSequence(render({ ...evaluation, tenant }, snapshot.platform), snapshot);
  const wanted = wantedObjects(evaluation, tenant, bundle, snapshot);
  const roll = nextRoll(tenant, wanted, snapshot, now);
  const due = isAgentPending(snapshot) ? [] : allStatuses({ evaluation, tenant, bundle, snapshot, now, roll });
  return {
    secretRequests,
    apply: differing(wanted, snapshot.children, tenant),
    prune: obsolete(wanted, snapshot, tenant),
    statuses: due.map(({ write }) => write),
    events: transitions(due),
    ...(evaluation.inForce && { inForce: { ...evaluation.inForce, ...engineOf(snapshot) } }),
    bundle,
    ...nudgeFor(bundle, snapshot),
    ...rollFor(roll),
    rolling: roll.rolling,
    ...(roll.pending && { rollPending: roll.pending }),
    ...(roll.waitSeconds === undefined ? {} : { requeueAfterSeconds: roll.waitSeconds }),
  };
}

function engineOf(snapshot: TenantSnapshot): Pick<InForce, 'engine'> {
  const engine = recordedEngine(snapshot);
  return engine === undefined ? {} : { engine };
}

function withoutPbx(
  evaluation: Evaluation,
  snapshot: TenantSnapshot,
  now: string,
  secretRequests: readonly SecretRequest[],
): Plan {
  const due = isAgentPending(snapshot) ? [] : allStatuses({ evaluation, snapshot, now, roll: { rolling: false } });
  // While an Organization exists, even one that is refused or cannot be read, its children stay and the PBX goes on. They
  // are deleted with the Organization, by their owner references.
  const orphaned =
    snapshot.organizations.length === 0 && invalidOf('Organization', snapshot).length === 0
      ? obsolete(ofUsers(snapshot), snapshot)
      : [];
  const statuses = due.map(({ write }) => write);
  const nothing = { apply: [], operations: [], rolling: false };
  return { secretRequests, ...nothing, prune: orphaned, statuses, events: transitions(due) };
}

/**
 * Children that belong to users who still exist. Credentials are deleted with their users, not with the Organization: one
 * that is deleted and created again must not change every password.
 */
function ofUsers(snapshot: TenantSnapshot): Manifest[] {
  const { objects, children } = snapshot;
  const uids = new Set([...objects.SipUser, ...invalidOf('SipUser', snapshot)].map(({ metadata }) => metadata.uid));
  return children.filter(child => child.metadata.ownerReferences?.some(owner => uids.has(owner.uid)) === true);
}

function allSecretRequests({ objects }: Evaluation): SecretRequest[] {
  const all: SecretRequest[] = [];
  for (const ofKind of Object.values<readonly Evaluated<unknown>[]>(objects)) {
    for (const { secretRequests } of ofKind) if (secretRequests?.length) all.push(...secretRequests);
  }
  return all;
}

/** The credentials Secret of a user; undefined: the user is not rendered. */
interface Credentials extends Pick<EvaluatedUser, 'object'> {
  readonly secret: Manifest | undefined;
}

const credentials = new ListMemo<Tenant, EvaluatedUser, Credentials>();

function wantedObjects(evaluation: Evaluation, tenant: Tenant, bundle: Bundle, snapshot: TenantSnapshot): Manifest[] {
  const { address, publicPorts, sipPort, mode } = snapshot.platform;
  const made = credentials.of(tenant, evaluation.objects.SipUser, {
    inputs: [snapshot.namespace, address?.value, publicPorts?.udp, publicPorts?.tcp, sipPort],
    make: ({ object, resolved }) => ({ object, secret: resolved && credentialsSecret(resolved, tenant, snapshot) }),
  });
  const wanted: Manifest[] = [];
  for (const { object, secret } of made) {
    if (secret) wanted.push(secret);
    else wanted.push(...keptCredentials(object, snapshot));
  }
  for (const user of invalidOf('SipUser', snapshot)) wanted.push(...keptCredentials(user, snapshot));
  if (mode === 'cluster') wanted.push(...childObjects(tenant, bundle, snapshot));
  return wanted;
}

/** The live credentials Secret of a user who is refused, unreadable or disabled for now: the password is kept. */
function keptCredentials({ metadata }: Pick<InvalidObject, 'metadata'>, snapshot: TenantSnapshot): readonly Manifest[] {
  return secretsByOwner(snapshot.children).get(metadata.uid ?? metadata.name) ?? [];
}

const owners = new Memo<readonly Manifest[], ReadonlyMap<string, readonly Manifest[]>>();

/** Credentials Secrets by the uid of the user who owns them; without an owner, by the user's name. */
function secretsByOwner(children: readonly Manifest[]): ReadonlyMap<string, readonly Manifest[]> {
  return owners.of(children, [], () => {
    const secrets = children.filter(({ kind, metadata }) => kind === 'Secret' && metadata.labels?.[LABEL_USER]);
    return Map.groupBy(secrets, ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'SipUser');
      return owner?.uid ?? metadata.labels?.[LABEL_USER] ?? '';
    });
  });
}

function nudgeFor(bundle: Bundle, snapshot: TenantSnapshot): Pick<Plan, 'nudge' | 'deliver'> {
  // The agent may have everything already: a new leader would nudge every pod for nothing.
  if (isAgentPending(snapshot)) return {};
  const { pod, report, platform } = snapshot;
  // A pod without an address has no agent that could look.
  if (platform.mode === 'directory' || !pod?.ip || pod.terminating) return {};
  const { generation } = bundle.manifest;
  if (report?.bundle.seen === generation) return {};
  // An agent whose reports cannot be read never confirms a bundle, so its pod is nudged only once for each.
  if (snapshot.agent?.unreadable !== undefined && pod.annotations[NUDGE]?.startsWith(`${generation}-`)) return {};
  const takes = report?.version !== undefined && snapshot.agent?.current !== false;
  return { nudge: { pod: pod.name, generation }, ...(takes ? { deliver: true } : {}) };
}

function rollFor({ deletePod, operation }: RollDecision): Pick<Plan, 'roll' | 'operations'> {
  return { ...(deletePod && { roll: deletePod }), operations: operation ? [operation] : [] };
}

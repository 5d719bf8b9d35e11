import type { InForce } from '../api/record.ts';
import { rememberedEngine } from './asterisk/engine-version.ts';
import { renderBundle } from './asterisk/render.ts';
import { inSequence } from './bundle-sequence.ts';
import { differing, obsolete } from './diff.ts';
import { Each } from './each.ts';
import { type Judgement, judge } from './judge.ts';
import type { Judged } from './kinds/module.ts';
import type { JudgedUser } from './kinds/sip-user/resolve.ts';
import { childObjects } from './kubernetes/children.ts';
import { credentialsSecret } from './kubernetes/credentials.ts';
import { Memo } from './memo.ts';
import { LABEL_USER, POKE } from './names.ts';
import type { Bundle, Generate, Plan } from './plan.ts';
import { nextRoll, type RollDecision } from './roll.ts';
import { transitions } from './status/events.ts';
import { allStatuses } from './status/statuses.ts';
import type { Tenant } from './tenant.ts';
import { type InvalidObject, invalidOf, isUnheard, type Manifest, type World } from './world.ts';

/**
 * The heart: what should be true of a tenant, and what must be done for it. Pure: same world and time, same plan to the
 * byte; the order of the world's lists does not matter; carrying a plan out and compiling again gives an empty one.
 * `render` is another one only in tests that spoil what it gives.
 */
export function compile(world: World, now: string, render: typeof renderBundle = renderBundle): Plan {
  const judgement = judge(world);
  const { tenant } = judgement;
  const generate = generateFor(judgement);
  if (!tenant) return withoutPbx(judgement, world, now, generate);
  const bundle = inSequence(render({ ...judgement, tenant }, world.surroundings), world);
  const wanted = wantedObjects(judgement, tenant, bundle, world);
  const roll = nextRoll(tenant, wanted, world, now);
  const due = isUnheard(world) ? [] : allStatuses({ judgement, tenant, bundle, world, now, roll });
  return {
    generate,
    apply: differing(wanted, world.children, tenant),
    prune: obsolete(wanted, world, tenant),
    statuses: due.map(({ write }) => write),
    events: transitions(due),
    ...(judgement.inForce && { inForce: { ...judgement.inForce, ...engineOf(world) } }),
    bundle,
    ...pokeFor(bundle, world),
    ...rollFor(roll),
    rolling: roll.rolling,
    ...(roll.pending && { rollPending: roll.pending }),
    ...(roll.waitSeconds === undefined ? {} : { requeueAfterSeconds: roll.waitSeconds }),
  };
}

function engineOf(world: World): Pick<InForce, 'engine'> {
  const engine = rememberedEngine(world);
  return engine === undefined ? {} : { engine };
}

function withoutPbx(judgement: Judgement, world: World, now: string, generate: readonly Generate[]): Plan {
  const due = isUnheard(world) ? [] : allStatuses({ judgement, world, now, roll: { rolling: false } });
  // One that is refused and of which nothing is remembered must not lose what runs: children go only with the
  // Organization itself, by their owner references.
  // An Organization that cannot be read is one all the same.
  const orphaned =
    world.organizations.length === 0 && invalidOf('Organization', world).length === 0
      ? obsolete(ofUsers(world), world)
      : [];
  const statuses = due.map(({ write }) => write);
  const nothing = { apply: [], operations: [], rolling: false };
  return { generate, ...nothing, prune: orphaned, statuses, events: transitions(due) };
}

/** Credentials go with their users: an Organization that is deleted and made again must not change every password. */
function ofUsers(world: World): Manifest[] {
  const { objects, children } = world;
  const uids = new Set([...objects.SipUser, ...invalidOf('SipUser', world)].map(({ metadata }) => metadata.uid));
  return children.filter(child => child.metadata.ownerReferences?.some(owner => uids.has(owner.uid)) === true);
}

function generateFor({ objects }: Judgement): Generate[] {
  const generate: Generate[] = [];
  for (const all of Object.values<readonly Judged<unknown>[]>(objects)) {
    for (const { needs } of all) if (needs?.length) generate.push(...needs);
  }
  return generate;
}

/** Undefined: she is not rendered. */
interface Credentials extends Pick<JudgedUser, 'object'> {
  readonly secret: Manifest | undefined;
}

const credentials = new Each<Tenant, JudgedUser, Credentials>();

function wantedObjects(judgement: Judgement, tenant: Tenant, bundle: Bundle, world: World): Manifest[] {
  const { address, publicPorts, sipPort, mode } = world.surroundings;
  const made = credentials.of(tenant, judgement.objects.SipUser, {
    inputs: [world.namespace, address?.value, publicPorts?.udp, publicPorts?.tcp, sipPort],
    make: ({ object, resolved }) => ({ object, secret: resolved && credentialsSecret(resolved, tenant, world) }),
  });
  const wanted: Manifest[] = [];
  for (const { object, secret } of made) {
    if (secret) wanted.push(secret);
    else wanted.push(...keptCredentials(object, world));
  }
  for (const user of invalidOf('SipUser', world)) wanted.push(...keptCredentials(user, world));
  if (mode === 'cluster') wanted.push(...childObjects(tenant, bundle, world));
  return wanted;
}

/** A user who is refused, unreadable or disabled for a while keeps her password for when she is back. */
function keptCredentials({ metadata }: Pick<InvalidObject, 'metadata'>, world: World): readonly Manifest[] {
  return secretsByOwner(world.children).get(metadata.uid ?? metadata.name) ?? [];
}

const owners = new Memo<readonly Manifest[], ReadonlyMap<string, readonly Manifest[]>>();

/** By the uid of the controlling owner; without one, by the user's name. */
function secretsByOwner(children: readonly Manifest[]): ReadonlyMap<string, readonly Manifest[]> {
  return owners.of(children, [], () => {
    const secrets = children.filter(({ kind, metadata }) => kind === 'Secret' && metadata.labels?.[LABEL_USER]);
    return Map.groupBy(secrets, ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'SipUser');
      return owner?.uid ?? metadata.labels?.[LABEL_USER] ?? '';
    });
  });
}

function pokeFor(bundle: Bundle, world: World): Pick<Plan, 'poke' | 'deliver'> {
  // who was not heard yet may have it all: a new leader would poke everybody for nothing
  if (isUnheard(world)) return {};
  const { pod, report, surroundings } = world;
  // A pod without an address has no agent that could look.
  if (surroundings.mode === 'directory' || !pod?.ip || pod.terminating) return {};
  const { generation } = bundle.manifest;
  if (report?.bundle.seen === generation) return {};
  // nor does one whose reports cannot be read ever say that it has it: once must do
  if (world.agent?.unreadable !== undefined && pod.annotations[POKE]?.startsWith(`${generation}-`)) return {};
  const takes = report?.version !== undefined && world.agent?.current !== false;
  return { poke: { pod: pod.name, generation }, ...(takes ? { deliver: true } : {}) };
}

function rollFor({ deletePod, operation }: RollDecision): Pick<Plan, 'roll' | 'operations'> {
  return { ...(deletePod && { roll: deletePod }), operations: operation ? [operation] : [] };
}

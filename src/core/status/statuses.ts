import type { ObjectMeta, ObjectOf, TenantKind } from '../../api/index.ts';
import { same } from '../covers.ts';
import type { Judgement } from '../judge.ts';
import { type AnyKind, everyKind } from '../kinds/index.ts';
import type { Judged, LiveFacts, Told } from '../kinds/module.ts';
import { lasting, organizationStatus } from '../kinds/organization/status.ts';
import { API_VERSION } from '../names.ts';
import type { Bundle, StatusWrite } from '../plan.ts';
import type { RollDecision } from '../roll.ts';
import type { Tenant } from '../tenant.ts';
import type { World } from '../world.ts';
import { conditions, conditionsOf, type Loaded } from './conditions.ts';
import type { StatusFacts } from './facts.ts';
import { bundleLoaded, rejections } from './loaded.ts';
import { standardStatus } from './standard.ts';
import { waysOut } from './ways-out.ts';

export interface AllStatusFacts {
  readonly judgement: Judgement;
  readonly tenant?: Tenant;
  readonly bundle?: Bundle;
  readonly world: World;
  readonly now: string;
  readonly roll: Pick<RollDecision, 'rolling' | 'pending'>;
}

const NO_PBX: Loaded = {
  yes: false,
  reason: 'OrganizationMissing',
  message: 'There is no working Organization in this namespace',
};

/** A status that is not yet what it should be, and whose it is. */
export interface DueStatus {
  readonly object: StatusOwner;
  readonly write: StatusWrite;
}

/** All statuses that are due: organizations first, then each kind by name. */
export function allStatuses({ judgement, tenant, bundle, world, now, roll }: AllStatusFacts): DueStatus[] {
  const { report } = world;
  const { objects } = judgement;
  const loaded = bundle ? bundleLoaded(bundle, report) : NO_PBX;
  const facts: StatusFacts = { world, now, ...(tenant && { tenant }), ...(report?.observed && { report }) };
  const rejected = rejections(bundle, report);
  const all: DueStatus[] = [];
  const push = (kind: string, object: StatusOwner, status: Record<string, unknown>): void => {
    const { name, namespace = world.namespace } = object.metadata;
    all.push({ object, write: { apiVersion: API_VERSION, kind, namespace, name, status } });
  };
  const write = (kind: string, object: StatusOwner, status: Record<string, unknown>): void => {
    if (!same(object.status, status)) push(kind, object, status);
  };
  for (const one of judgement.organizations) {
    const its = one.tenant ?? tenant ?? ({ name: one.organization.metadata.name, limits: {}, features: {} } as Tenant);
    write(
      'Organization',
      one.organization,
      organizationStatus(one.organization, one, {
        ...facts,
        tenant: its,
        loaded,
        roll,
        ...(bundle && { bundle }),
        ...(tenant && { more: waysOut(judgement, tenant, { rejected, report: facts.report }) }),
      }),
    );
  }
  const live = { loaded, rejected };
  for (const [kind, module] of everyKind) {
    const told =
      module.statuses?.(objects[kind], live, facts) ?? standardStatuses(kind, module, objects[kind], live, facts);
    for (const { object, due } of told) if (due) push(kind, object, due);
  }
  for (const one of world.invalid) write(one.kind, one, invalidStatus(one, now));
  return all;
}

/** Statuses of a kind that remembers nothing of them. */
function standardStatuses(
  kind: TenantKind,
  module: AnyKind,
  all: readonly Judged<ObjectOf<TenantKind>>[],
  { loaded, rejected }: LiveFacts,
  facts: StatusFacts,
): readonly Told<StatusOwner>[] {
  return all.map(one => {
    const { object } = one;
    const problem = rejected.get(`${kind}/${object.metadata.name}`);
    const more = module.status?.(one, facts);
    const status = standardStatus(one, { loaded, rejected: problem, ...(more && { more }) }, facts);
    return { object, due: same(object.status, status) ? undefined : status };
  });
}

interface StatusOwner {
  readonly metadata: ObjectMeta;
  readonly status?: unknown;
}

function invalidStatus(one: World['invalid'][number], now: string): Record<string, unknown> {
  const wanted = [
    { type: 'Ready', status: 'False', reason: 'Invalid', message: one.problem },
    { type: 'Stalled', status: 'True', reason: 'Invalid', message: one.problem },
  ] as const;
  const { generation } = one.metadata;
  return {
    ...(one.kind === 'Organization' ? lasting(one.status) : {}),
    observedGeneration: generation ?? 0,
    conditions: conditions(wanted, conditionsOf(one.status), generation, now),
  };
}

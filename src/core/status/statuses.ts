import type { ObjectMeta, ObjectOf, TenantKind } from '../../api/index.ts';
import { semanticEqual } from '../equality.ts';
import type { Evaluation } from '../evaluation.ts';
import { type AnyKind, everyKind } from '../kinds/index.ts';
import type { Evaluated, LiveFacts, StatusUpdate } from '../kinds/module.ts';
import { lasting, organizationStatus } from '../kinds/organization/status.ts';
import { API_VERSION } from '../names.ts';
import { objectKey } from '../object-key.ts';
import type { Bundle, StatusWrite } from '../plan.ts';
import type { RollDecision } from '../roll.ts';
import type { TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { conditions, conditionsOf, type Loaded } from './conditions.ts';
import type { StatusFacts } from './facts.ts';
import { bundleLoaded, rejections } from './loaded.ts';
import { standardStatus } from './standard.ts';
import { waysOut } from './ways-out.ts';

export interface AllStatusFacts {
  readonly evaluation: Evaluation;
  readonly tenant?: Tenant;
  readonly bundle?: Bundle;
  readonly snapshot: TenantSnapshot;
  readonly now: string;
  readonly roll: Pick<RollDecision, 'rolling' | 'pending'>;
}

const NO_PBX: Loaded = {
  yes: false,
  reason: 'OrganizationMissing',
  message:
    'There is no Organization in service in this namespace; create one with the name of the namespace, or see its status',
};

/** A status that must be written, and the object that it belongs to. */
export interface DueStatus {
  readonly object: StatusOwner;
  readonly write: StatusWrite;
}

/** All statuses that differ from the live ones: Organizations first, then each kind sorted by name. */
export function allStatuses({ evaluation, tenant, bundle, snapshot, now, roll }: AllStatusFacts): DueStatus[] {
  const { report } = snapshot;
  const { objects } = evaluation;
  const loaded = bundle ? bundleLoaded(bundle, report) : NO_PBX;
  const facts: StatusFacts = { snapshot, now, ...(tenant && { tenant }), ...(report?.observed && { report }) };
  const rejected = rejections(bundle, report);
  const all: DueStatus[] = [];
  const push = (kind: string, object: StatusOwner, status: Record<string, unknown>): void => {
    const { name, namespace = snapshot.namespace } = object.metadata;
    all.push({ object, write: { apiVersion: API_VERSION, kind, namespace, name, status } });
  };
  const write = (kind: string, object: StatusOwner, status: Record<string, unknown>): void => {
    if (!semanticEqual(object.status, status)) push(kind, object, status);
  };
  for (const one of evaluation.organizations) {
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
        ...(tenant && { more: waysOut(evaluation, tenant, { rejected, report: facts.report }) }),
      }),
    );
  }
  const live = { loaded, rejected };
  for (const [kind, module] of everyKind) {
    const updates =
      module.statuses?.(objects[kind], live, facts) ?? standardStatuses(kind, module, objects[kind], live, facts);
    for (const { object, due } of updates) if (due) push(kind, object, due);
  }
  for (const one of snapshot.invalid) write(one.kind, one, invalidStatus(one, now));
  return all;
}

/** Statuses of a kind whose module does not make them itself. */
function standardStatuses(
  kind: TenantKind,
  module: AnyKind,
  all: readonly Evaluated<ObjectOf<TenantKind>>[],
  { loaded, rejected }: LiveFacts,
  facts: StatusFacts,
): readonly StatusUpdate<StatusOwner>[] {
  return all.map(one => {
    const { object } = one;
    const violation = rejected.get(objectKey(kind, object.metadata.name));
    const more = module.status?.(one, facts);
    const status = standardStatus(one, { loaded, rejected: violation, ...(more && { more }) }, facts);
    return { object, due: semanticEqual(object.status, status) ? undefined : status };
  });
}

interface StatusOwner {
  readonly metadata: ObjectMeta;
  readonly status?: unknown;
}

function invalidStatus(one: TenantSnapshot['invalid'][number], now: string): Record<string, unknown> {
  const wanted = [
    { type: 'Ready', status: 'False', reason: 'Invalid', message: one.violation },
    { type: 'Stalled', status: 'True', reason: 'Invalid', message: one.violation },
  ] as const;
  const { generation } = one.metadata;
  return {
    ...(one.kind === 'Organization' ? lasting(one.status) : {}),
    observedGeneration: generation ?? 0,
    conditions: conditions(wanted, conditionsOf(one.status), generation, now),
  };
}

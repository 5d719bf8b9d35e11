import type { ObjectMeta, TenantKind } from '../../api/index.ts';
import { same } from '../covers.ts';
import type { Judgement } from '../judge/judge.ts';
import type { Judged } from '../kinds/module.ts';
import { lasting, organizationStatus } from '../kinds/organization/status.ts';
import { userStatuses } from '../kinds/sip-user/status.ts';
import { trunk } from '../kinds/trunk/index.ts';
import { API_VERSION } from '../names.ts';
import type { Bundle, StatusWrite } from '../plan.ts';
import type { RollDecision } from '../roll.ts';
import type { Tenant } from '../tenant.ts';
import type { World } from '../world.ts';
import { conditions, conditionsOf, type Loaded } from './conditions.ts';
import type { More, StatusFacts } from './facts.ts';
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
  for (const { object, due } of userStatuses(objects.SipUser, loaded, rejected, facts)) {
    if (due) push('SipUser', object, due);
  }
  const each = <J extends Judged<StatusOwner>>(kind: TenantKind, all: readonly J[], more?: (one: J) => More): void => {
    for (const one of all) {
      const problem = rejected.get(`${kind}/${one.object.metadata.name}`);
      const said = more ? { more: more(one) } : {};
      write(kind, one.object, standardStatus(one, { loaded, rejected: problem, ...said }, facts));
    }
  };
  each('Trunk', objects.Trunk, one => trunk.status(one, facts));
  each('PhoneNumber', objects.PhoneNumber);
  each('Location', objects.Location);
  for (const one of world.invalid) write(one.kind, one, invalidStatus(one, now));
  return all;
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

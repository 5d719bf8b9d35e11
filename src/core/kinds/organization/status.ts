import { limitedKinds, type ObjectMeta, type Organization } from '../../../api/index.ts';
import { pbxName } from '../../names.ts';
import { type ObjectKey, parseObjectKey } from '../../object-key.ts';
import type { Bundle } from '../../plan.ts';
import type { RollDecision } from '../../roll.ts';
import { invalidOf, publicPort } from '../../snapshot.ts';
import { agentIncompatible } from '../../status/agent-incompatible.ts';
import { conditions, conditionsOf, type Loaded, readiness, type Wanted } from '../../status/conditions.ts';
import { connectionPressure } from '../../status/connections.ts';
import type { StatusFacts } from '../../status/facts.ts';
import { memoryPressure } from '../../status/memory.ts';
import { cut } from '../../status/text-limit.ts';
import type { Tenant } from '../../tenant.ts';
import type { EvaluatedOrganization } from './resolve.ts';

export interface OrganizationFacts extends StatusFacts {
  readonly tenant: Tenant;
  readonly bundle?: Bundle;
  readonly loaded: Loaded;
  readonly roll: Pick<RollDecision, 'rolling' | 'pending'>;
  /** Further conditions. */
  readonly more?: readonly Wanted[];
}

export function organizationStatus(
  organization: Organization,
  evaluated: EvaluatedOrganization,
  facts: OrganizationFacts,
): Record<string, unknown> {
  const { tenant, now } = facts;
  const generation = organization.metadata.generation;
  const ready = readiness(evaluated.violation, evaluated.notices, facts.loaded);
  const wanted = evaluated.tenant ? [...ready, ...pbxConditions(organization, facts)] : ready;
  const list = conditions(wanted, conditionsOf(organization.status), generation, now);
  if (!evaluated.tenant) {
    // Its children still run. The admission policy that guards the deletion reads `usage`.
    const counted = organization.metadata.name === facts.snapshot.namespace ? { usage: usage(facts) } : {};
    return { ...lasting(organization.status), observedGeneration: generation ?? 0, conditions: list, ...counted };
  }
  return {
    observedGeneration: generation ?? 0,
    conditions: list,
    effective: { limits: tenant.limits, features: tenant.features, compliance: tenant.compliance },
    usage: usage(facts),
    sip: sip(facts),
    pbx: pbx(facts),
  };
}

/** The most that the schema allows. */
const MAX_QUARANTINED = 100;

/** Members of the status that stay when an Organization has no accepted values or cannot be read. */
export function lasting(status: unknown): Record<string, unknown> {
  const { effective, usage: used, sip: reached, pbx: pods } = (status ?? {}) as Record<string, unknown>;
  return {
    ...(effective ? { effective } : {}),
    ...(used ? { usage: used } : {}),
    ...(reached ? { sip: reached } : {}),
    ...(pods ? { pbx: pods } : {}),
  };
}

function pbxConditions(
  organization: Organization,
  { snapshot, loaded, report, tenant, bundle, roll, more = [] }: OrganizationFacts,
): Wanted[] {
  const wanted: Wanted[] = [
    ...more,
    loaded.yes
      ? { type: 'ConfigLoaded', status: 'True', reason: 'ReadBack' }
      : { type: 'ConfigLoaded', status: 'False', reason: loaded.reason, message: loaded.message },
    report
      ? {
          type: 'RestartSafe',
          status: report.restartSafe.status,
          reason: RESTART_REASONS[report.restartSafe.status],
          message: report.restartSafe.message,
        }
      : {
          type: 'RestartSafe',
          status: 'Unknown',
          reason: 'PbxUnavailable',
          message: 'The PBX pod does not report its state',
        },
    ...(report ? connectionPressure(report) : []),
    ...(report ? memoryPressure(report, tenant.name, snapshot.objects.SipUser) : []),
    ...agentIncompatible(tenant, snapshot),
  ];
  const { refused } = snapshot.platform;
  if (refused.length > 0)
    wanted.push({ type: 'ChildRefused', status: 'True', reason: 'ApiServer', message: cut(refused.join('; '), 1024) });
  if (roll.pending)
    wanted.push({ type: 'RollPending', status: 'True', reason: roll.pending.reason, message: roll.pending.message });
  if (!tenant.active) wanted.push(suspended(organization, loaded, report));
  if (!tenant.pbx.storage?.state && bundle) {
    wanted.push({
      type: 'StateEphemeral',
      status: 'True',
      reason: 'NoStorage',
      message:
        'Registrations and voicemail are lost when the pod is replaced; set pbx.storage in the OrganizationClass',
    });
  }
  return wanted;
}

/** Suspended is true only once the PBX has loaded it: until then calls go through. */
function suspended({ metadata, status }: Organization, loaded: Loaded, report: StatusFacts['report']): Wanted {
  const before = conditionsOf(status).find(({ type }) => type === 'Suspended');
  // A suspension that was loaded stays so while the edit of another object is on its way to the PBX.
  const since = before?.status === 'True' && before.observedGeneration === metadata.generation;
  const goesOn = since && report?.ready === true && !loaded.yes && loaded.reason === 'Loading';
  if (loaded.yes || goesOn) {
    const message = 'New calls get 403; emergency calls, running calls and registrations go on';
    return { type: 'Suspended', status: 'True', reason: 'SpecState', message };
  }
  const message = `New calls are not refused yet: ${loaded.message}`;
  return { type: 'Suspended', status: report ? 'False' : 'Unknown', reason: loaded.reason, message };
}

const RESTART_REASONS = { True: 'BootChecked', False: 'BootCheckFailed', Unknown: 'NotCheckedYet' } as const;

function usage({ snapshot, tenant, report }: OrganizationFacts): Record<string, unknown> {
  const { limits } = tenant;
  const counted = limitedKinds.map(({ kind, limit: { name } }) => {
    return [name, of(snapshot.objects[kind].length + invalidOf(kind, snapshot).length, limits[name])];
  });
  return {
    ...Object.fromEntries(counted),
    concurrentCalls: of(report?.calls ?? 0, limits.concurrentCalls),
  };
}

/** One member of `usage`. The limits of an Organization without accepted values are not known. */
function of(used: number, hard: number | undefined): Record<string, number> {
  return { used, ...(hard === undefined ? {} : { hard }) };
}

function sip({ snapshot, tenant }: OrganizationFacts): Record<string, unknown> {
  const { address } = snapshot.platform;
  return {
    ...(address ? { address: address.value, addressSource: address.source } : {}),
    ports: { udp: publicPort('UDP', snapshot.platform), tcp: publicPort('TCP', snapshot.platform) },
    domain: tenant.domain,
  };
}

function pbx({ snapshot, tenant, report, roll }: OrganizationFacts): Record<string, unknown> {
  const pod = {
    name: snapshot.pod?.name ?? `${pbxName(tenant.name)}-0`,
    ready: report?.ready ?? false,
    ...(report?.bundle.loaded ? { generationLoaded: report.bundle.loaded } : {}),
    calls: report?.calls ?? 0,
    rolling: roll.rolling,
    ...(report ? { asteriskVersion: cut(report.asteriskVersion, 128) } : {}),
  };
  const objects: Readonly<Record<string, readonly { readonly metadata: ObjectMeta }[]>> = snapshot.objects;
  const quarantined = (report?.quarantined ?? []).slice(0, MAX_QUARANTINED).map(({ object, reason }) => {
    const { kind, name } = parseObjectKey(object as ObjectKey);
    const found = objects[kind]?.find(({ metadata }) => metadata.name === name);
    return {
      kind,
      name,
      uid: found?.metadata.uid ?? '',
      generation: found?.metadata.generation ?? 0,
      reason: cut(reason, 1024),
    };
  });
  return { pods: [pod], ...(quarantined.length > 0 ? { quarantined } : {}) };
}

import { type Condition, conditionsOf } from '../core/status/conditions.ts';
import { ofKind, type ShownObject, type ShownTenant } from './tenant.ts';

/** How much a problem matters, the worst first. */
const LEVELS = ['down', 'wrong', 'waiting', 'warning', 'note'] as const;
export type Level = (typeof LEVELS)[number];

export interface StatusProblem {
  /**
   * down: the tenant cannot call, or cannot make emergency calls. wrong: one object does not work until somebody changes something.
   * waiting: it becomes right without anybody. warning: it works, but not for long or not as meant. note: good to know.
   */
  readonly level: Level;
  /** `SipUser/jane`. */
  readonly object: string;
  readonly reason: string;
  readonly message: string;
}

/** Everything that is wrong with a tenant, the worst first, then by object. */
export function statusProblems(tenant: ShownTenant): StatusProblem[] {
  const found = tenant.objects.flatMap(object => problemsOf(object));
  if (ofKind(tenant, 'Organization').length === 0) found.push(NO_ORGANIZATION(tenant.namespace));
  return found.sort(
    (a, b) =>
      LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (a.object < b.object ? -1 : a.object > b.object ? 1 : 0),
  );
}

const NO_ORGANIZATION = (namespace: string): StatusProblem => ({
  level: 'down',
  object: `Organization/${namespace}`,
  reason: 'OrganizationMissing',
  message: `There is no Organization in ${namespace}, so there is no PBX`,
});

function problemsOf(object: ShownObject): StatusProblem[] {
  const conditions = conditionsOf(object.status);
  const name = `${object.kind}/${object.metadata.name}`;
  const problems = conditions.flatMap(condition => {
    const level = levelOf(object, condition, conditions);
    const { reason, message } = condition;
    return level === undefined ? [] : [{ level, object: name, reason, message: message || condition.type }];
  });
  return isSeen(object) ? problems : [...problems, { ...UNSEEN, object: name }];
}

const UNSEEN = {
  level: 'waiting',
  reason: 'NotObserved',
  message: 'The operator has not seen the last change yet; is it running?',
} as const;

/** Whether the status is about the present spec. What has no generation was not read from a cluster. */
function isSeen({ metadata, status }: ShownObject): boolean {
  const { observedGeneration = -1 } = (status ?? {}) as { observedGeneration?: number };
  return metadata.generation === undefined || metadata.generation === observedGeneration;
}

/** Conditions that say something when they are True, and how bad that is. */
const WHEN_TRUE: Readonly<Record<string, Level>> = {
  Suspended: 'down',
  AgentIncompatible: 'warning',
  ConnectionPressure: 'warning',
  MemoryPressure: 'warning',
  Warning: 'warning',
  EmergencyNumbersOverridden: 'note',
  NotImplementedYet: 'note',
  RollPending: 'note',
};

function levelOf(
  { kind }: ShownObject,
  { type, status, reason }: Condition,
  all: readonly Condition[],
): Level | undefined {
  if (type === 'Ready' && status === 'False') {
    if (reason === 'Disabled') return 'note';
    if (kind === 'Organization') return 'down';
    return all.some(one => one.type === 'Stalled' && one.status === 'True') ? 'wrong' : 'waiting';
  }
  if (type === 'EmergencyCalls' && status !== 'True') return status === 'False' ? 'down' : 'warning';
  if (kind === 'Trunk' && status === 'False' && (type === 'Registered' || type === 'Reachable')) return 'wrong';
  if (type === 'RestartSafe' && status === 'False') return 'warning';
  return status === 'True' ? WHEN_TRUE[type] : undefined;
}

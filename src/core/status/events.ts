import type { EventNote, StatusWrite } from '../plan.ts';
import type { World } from '../world.ts';
import { type Condition, conditionsOf } from './conditions.ts';

/** Conditions whose change people want to be told of; a registration that comes and goes is not one. */
const TOLD: ReadonlySet<string> = new Set(['Ready', 'Stalled', 'RestartSafe', 'Suspended']);

/** Events only where a condition's status or reason changed, from the statuses that are about to be written. */
export function transitions(statuses: readonly StatusWrite[], world: World): EventNote[] {
  const told = Map.groupBy(statuses, ({ kind }) => kind);
  const before = new Map<string, { kind: string; metadata: EventNote['regarding']['metadata']; status?: unknown }>();
  const know = (
    kind: string,
    list: readonly { metadata: EventNote['regarding']['metadata']; status?: unknown }[],
  ): void => {
    const names = new Set(told.get(kind)?.map(({ name }) => name));
    if (names.size === 0) return;
    for (const { metadata, status } of list) {
      if (names.has(metadata.name)) before.set(`${kind}/${metadata.name}`, { kind, metadata, status });
    }
  };
  know('Organization', world.organizations);
  know('SipUser', world.users);
  know('Trunk', world.trunks);
  know('PhoneNumber', world.numbers);
  know('Location', world.locations);
  for (const one of world.invalid) know(one.kind, [one]);
  return statuses.flatMap(({ kind, name, status }) => {
    const object = before.get(`${kind}/${name}`);
    if (!object) return [];
    return changed(conditionsOf(object.status), conditionsOf(status)).map(condition => note(object, condition));
  });
}

function changed(before: readonly Condition[], after: readonly Condition[]): Condition[] {
  return after.filter(condition => {
    if (!TOLD.has(condition.type) || condition.status === 'Unknown') return false;
    const previous = before.find(one => one.type === condition.type);
    const good = condition.status === 'True' && condition.type !== 'Stalled';
    const passing = !good && condition.type === 'Ready' && !after.some(one => one.type === 'Stalled');
    // That a new object works is what everybody expects; that it works again is news.
    if (good && previous === undefined) return false;
    return !passing && (previous?.status !== condition.status || previous.reason !== condition.reason);
  });
}

function note(object: { kind: string; metadata: EventNote['regarding']['metadata'] }, condition: Condition): EventNote {
  const warning = condition.type === 'Stalled' || (condition.type !== 'Suspended' && condition.status !== 'True');
  return {
    regarding: { kind: object.kind, metadata: object.metadata },
    type: warning ? 'Warning' : 'Normal',
    reason: condition.reason,
    message: condition.message || `${condition.type} is ${condition.status}`,
  };
}

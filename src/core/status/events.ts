import type { EventNote } from '../plan.ts';
import { type Condition, conditionsOf } from './conditions.ts';
import type { DueStatus } from './statuses.ts';

/** Conditions whose changes become events. Registrations come and go too often for that. */
const REPORTED: ReadonlySet<string> = new Set([
  'Ready',
  'Stalled',
  'Warning',
  'RestartSafe',
  'Suspended',
  'EmergencyCalls',
  'ConnectionPressure',
  'MemoryPressure',
]);

/** Conditions that report trouble when they are true. */
const BAD: ReadonlySet<string> = new Set(['Stalled', 'Warning', 'ConnectionPressure', 'MemoryPressure']);

/** An event for each condition whose status or reason changes with the statuses that are about to be written. */
export function transitions(due: readonly DueStatus[]): EventNote[] {
  return due.flatMap(({ object, write }) =>
    changed(conditionsOf(object.status), conditionsOf(write.status)).map(condition =>
      eventOf({ kind: write.kind, metadata: object.metadata }, condition),
    ),
  );
}

function changed(before: readonly Condition[], after: readonly Condition[]): Condition[] {
  return after.filter(condition => {
    if (!REPORTED.has(condition.type) || condition.status === 'Unknown') return false;
    const previous = before.find(one => one.type === condition.type);
    const good = condition.status === 'True' && !BAD.has(condition.type);
    const passing = !good && condition.type === 'Ready' && !after.some(one => one.type === 'Stalled');
    // That a new object works is expected. That it works again is worth an event.
    if (good && previous === undefined) return false;
    return !passing && (previous?.status !== condition.status || previous.reason !== condition.reason);
  });
}

function eventOf(
  object: { kind: string; metadata: EventNote['regarding']['metadata'] },
  condition: Condition,
): EventNote {
  const warning = BAD.has(condition.type) || (condition.type !== 'Suspended' && condition.status !== 'True');
  return {
    regarding: { kind: object.kind, metadata: object.metadata },
    type: warning ? 'Warning' : 'Normal',
    reason: condition.reason,
    message: condition.message || `${condition.type} is ${condition.status}`,
  };
}

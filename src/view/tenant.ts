import type { ObjectMeta } from '../api/index.ts';
import { type Condition, conditionsOf } from '../core/status/conditions.ts';

/** A tenant as the verbs show it, whether it was read from a cluster or from a directory. */
export interface ShownTenant {
  readonly namespace: string;
  /** Whether there is a PBX that reports; manifests in a directory have none. */
  readonly live: boolean;
  readonly objects: readonly ShownObject[];
}

export interface ShownObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** All objects of a kind, by name. */
export function ofKind({ objects }: ShownTenant, kind: string): ShownObject[] {
  return objects.filter(one => one.kind === kind).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function conditionOf({ status }: ShownObject, type: string): Condition | undefined {
  return conditionsOf(status).find(one => one.type === type);
}

/** `True`, `False`, `Unknown`, or nothing while it is not known. */
export function stateOf(object: ShownObject, type: string): string {
  return conditionOf(object, type)?.status ?? '';
}

/** What is at a path of a value from outside, as text; nothing where there is none. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  let at: unknown = value;
  for (const member of path) at = (at as Record<string | number, unknown> | null | undefined)?.[member];
  return at === undefined || at === null || typeof at === 'object' ? '' : String(at);
}

/** Why an object is not ready; nothing when it is. */
export function whyNotReady(object: ShownObject): string {
  const ready = conditionOf(object, 'Ready');
  return ready && ready.status !== 'True' ? [ready.reason, ready.message].filter(Boolean).join(': ') : '';
}

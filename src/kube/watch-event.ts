import { KubeError } from './errors.ts';
import type { KubeObject, ResourceType } from './resource.ts';

/** An event of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

const TYPES: readonly string[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'];

/** Parses a line of a watch. Throws a KubeError for an ERROR event, and one with reason `Unreadable` for any other line. */
export function watchEvent(line: string): WatchEvent {
  let event: { type?: unknown; object?: unknown } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch (cause) {
    throw new KubeError(0, 'Unreadable', 'A line of the watch is no JSON', { cause });
  }
  if (event?.type === 'ERROR') {
    const { code = 0, reason = 'Unknown', message = 'The watch ended with an error' } = (event.object ?? {}) as Status;
    throw new KubeError(code, reason, message.slice(0, 500));
  }
  const object = event?.object as Partial<KubeObject> | undefined;
  if (typeof event?.type !== 'string' || !TYPES.includes(event.type) || typeof object?.metadata !== 'object')
    throw new KubeError(0, 'Unreadable', 'A line of the watch is no event');
  return event as WatchEvent;
}

/** Compares resource versions, which are growing numbers. Versions that are no numbers are only equal or not. */
export function olderThan(version: string, known: string | undefined): boolean {
  if (known === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(known)) return false;
  return version.length === known.length ? version < known : version.length < known.length;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Adds the kind, which items of a list lack, and removes managedFields and kubectl's copy, which are most of an object. */
export function stripped(object: KubeObject, type: ResourceType): KubeObject {
  const { managedFields: _, ...rest } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown };
  let metadata: KubeObject['metadata'] = rest;
  if (rest.annotations && LAST_APPLIED in rest.annotations) {
    const { [LAST_APPLIED]: __, ...annotations } = rest.annotations;
    metadata = { ...rest, annotations };
  }
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
  return { ...object, apiVersion, kind: type.kind, metadata };
}

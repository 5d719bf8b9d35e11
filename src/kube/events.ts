import { createHash } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import { microTime } from './micro-time.ts';
import { type KubeObject, RESOURCES } from './resource.ts';

/** Events (events.k8s.io/v1), one per transition. The name is a hash of the content, so a repeated write makes no second event. */
export interface Note {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string | undefined;
      readonly uid?: string | undefined;
      readonly generation?: number | undefined;
    };
  };
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

const MAX_NOTE_BYTES = 1024;
const MAX_NAME = 253;

/** Writes an event; writing the same one again changes nothing. */
export async function recordEvent(
  client: KubeClient,
  note: Note,
  instance: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.create(RESOURCES.Event, eventOf(note, instance, clock), signal);
  } catch (error) {
    if (!(error instanceof KubeError) || !error.conflict) throw error;
  }
}

export function eventName({ regarding, reason, message }: Note): string {
  const { kind, metadata } = regarding;
  const said = createHash('sha256')
    .update(JSON.stringify([kind, metadata.uid, metadata.generation, reason, message]))
    .digest('hex')
    .slice(0, 16);
  return `${metadata.name.slice(0, MAX_NAME - said.length - 1).replace(/[-.]+$/, '')}.${said}`;
}

export function eventNamespace({ regarding }: Note): string {
  return regarding.metadata.namespace ?? 'default';
}

export function eventOf(note: Note, instance: string, clock: Clock): KubeObject {
  const { metadata, kind, apiVersion } = note.regarding;
  const namespace = eventNamespace(note);
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: eventName(note), namespace },
    eventTime: microTime(clock),
    reportingController: 'ringfleet.io/operator',
    reportingInstance: instance.slice(0, 128) || 'unknown',
    action: 'Reconcile',
    reason: note.reason.slice(0, 128),
    note: cut(note.message, MAX_NOTE_BYTES),
    type: note.type,
    regarding: { apiVersion, kind, name: metadata.name, namespace, uid: metadata.uid },
  };
}

/** Cuts a text to a number of bytes, which is what the server limits. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const head = new TextDecoder().decode(Buffer.from(text).subarray(0, bytes - 3));
  return `${head.replace(/\uFFFD$/, '')}…`;
}

import { createHash } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import { type KubeObject, RESOURCES } from './resource.ts';

/** Events (events.k8s.io/v1): one per transition. The name is made of what is said, so that a repeated one is no second. */
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

export async function recordEvent(
  client: KubeClient,
  note: Note,
  instance: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { metadata, kind, apiVersion } = note.regarding;
  const namespace = metadata.namespace ?? 'default';
  const said = createHash('sha256')
    .update(JSON.stringify([kind, metadata.uid, metadata.generation, note.reason, note.message]))
    .digest('hex');
  const event: KubeObject = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${metadata.name}.${said.slice(0, 16)}`, namespace },
    eventTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
    reportingController: 'ringfleet.io/operator',
    reportingInstance: instance.slice(0, 128),
    action: 'Reconcile',
    reason: note.reason,
    note: note.message.slice(0, 1024),
    type: note.type,
    regarding: { apiVersion, kind, name: metadata.name, namespace, uid: metadata.uid },
  };
  try {
    await client.create(RESOURCES.Event, event, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || !error.conflict) throw error;
  }
}

import { foreignFields, isImmutable } from '../core/drift.ts';
import { MANAGER, STATUS_MANAGER } from '../core/names.ts';
import { objectKey } from '../core/object-key.ts';
import type { EventNote, ObjectRef, Plan, StatusWrite } from '../core/plan.ts';
import type { Manifest } from '../core/snapshot.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import type { Note } from '../kube/events.ts';
import type { EventRecorder } from '../kube/recorder.ts';
import { type KubeObject, resourceOf } from '../kube/resource.ts';
import { forEachLimit } from '../runtime/concurrency.ts';
import type { Caches, ChildKind } from './caches.ts';
import { assertNotTaken, isUnmanaged } from './unmanaged.ts';

/**
 * Carries a plan out. Fragments of a bundle are written before the manifest that names them, and the pod template last. When
 * it is interrupted after any write, the next pass goes on from what is there.
 */
export interface ExecuteOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly recorder: EventRecorder;
}

const WIDTH = 16;
const API_VERSION = 'ringfleet.io/v1alpha1';

/** Objects that others depend on are applied in an earlier wave. */
function waveOf({ kind, metadata }: Manifest): number {
  if (kind === 'StatefulSet') return 2;
  return kind === 'ConfigMap' && metadata.name.endsWith('-pbx') ? 1 : 0;
}

export async function applyAll(
  apply: readonly Manifest[],
  { client, caches }: ExecuteOptions,
  signal: AbortSignal,
): Promise<RejectedChild[]> {
  const refused: RejectedChild[] = [];
  for (const wave of [0, 1, 2]) {
    const manifests = apply.filter(manifest => waveOf(manifest) === wave);
    // With a manifest whose fragments do not all exist the agent would wait for ever.
    if (wave === 1 && refused.some(({ manifest }) => manifest.kind === 'ConfigMap' || manifest.kind === 'Secret'))
      continue;
    await forEachLimit(manifests, WIDTH, async manifest => {
      try {
        await assertNotTaken(manifest, { client, caches }, signal);
        const live = await applied(manifest, { client, caches }, signal);
        caches.observeWrite(await withoutForeignFields(manifest, live, client, signal));
      } catch (error) {
        if (!(error instanceof KubeError) || !isForGood(error)) throw error;
        refused.push({ manifest, error });
      }
    });
  }
  return refused;
}

/**
 * Applies an object. One that somebody made immutable is deleted and created again, at once: a kubelet that has seen an
 * immutable object does not read it again for as long as the pod lives.
 */
async function applied(
  manifest: Manifest,
  { client, caches }: Pick<ExecuteOptions, 'client' | 'caches'>,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { kind, metadata } = manifest;
  const { namespace = '', name } = metadata;
  const type = resourceOf(kind);
  const known = caches.store(kind as ChildKind).get(namespace, name);
  if (known && isFixed(known, manifest)) await client.delete(type, namespace, name, known.metadata.uid, signal);
  try {
    return await client.apply(manifest as KubeObject, MANAGER, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 422) throw error;
    const live = await client.get(type, namespace, name, signal); // the cache may be behind
    if (!live || !isFixed(live, manifest) || isUnmanaged(live)) throw error;
    await client.delete(type, namespace, name, live.metadata.uid, signal);
    return client.apply(manifest as KubeObject, MANAGER, signal);
  }
}

/** Whether an apply cannot change a live object to the wanted one. */
function isFixed(live: KubeObject, manifest: Manifest): boolean {
  if (isImmutable(live as Manifest)) return true;
  return manifest.kind === 'Secret' && live['type'] !== manifest['type'];
}

/** A child object that the API server rejects: by a quota, an admission policy, a missing permission or validation. */
export interface RejectedChild {
  readonly manifest: Manifest;
  readonly error: KubeError;
}

function isForGood({ code, invalid }: KubeError): boolean {
  return code === 403 || invalid;
}

/** The message for users. For a Secret it has only the reason, because the server's message may quote its content. */
export function rejectionText({ manifest: { kind, metadata }, error }: RejectedChild): string {
  const words = kind === 'Secret' ? `${error.reason} (${error.code})` : error.message;
  return `The API server refused ${kind} ${metadata.name}; the operator tries again: ${words}`;
}

export function rejectionEvent(refused: RejectedChild, organization: KubeObject): Note {
  return { regarding: organization, type: 'Warning', reason: 'ChildRefused', message: rejectionText(refused) };
}

/** Removes what others added, which an apply leaves in place. */
async function withoutForeignFields(
  manifest: Manifest,
  live: KubeObject,
  client: KubeClient,
  signal: AbortSignal,
): Promise<KubeObject> {
  const patch = foreignFields(manifest, live as Manifest);
  if (!patch) return live;
  const { namespace, name } = manifest.metadata;
  return client.mergePatch(resourceOf(manifest.kind), { namespace, name }, patch, signal);
}

export async function pruneAll(
  prune: readonly ObjectRef[],
  { client }: ExecuteOptions,
  signal: AbortSignal,
): Promise<void> {
  await forEachLimit(prune, WIDTH, async ({ kind, namespace, name, uid }) => {
    await client.delete(resourceOf(kind), namespace, name, uid, signal);
  });
}

/**
 * Writes statuses, each drawn from `statuses` when its turn comes, then records the events of those that were written. An
 * object that was deleted meanwhile needs no status. A status that is rejected does not keep the others back; an error
 * about it is thrown at the end.
 */
export async function applyStatuses(
  statuses: Iterable<StatusWrite>,
  events: readonly EventNote[],
  { client, caches, recorder }: ExecuteOptions,
  signal: AbortSignal,
): Promise<void> {
  const written = new Set<string>();
  const failed: { kind: string; name: string; error: KubeError }[] = [];
  await forEachLimit(statuses, WIDTH, async ({ apiVersion, kind, namespace, name, status }) => {
    try {
      const wanted = { apiVersion, kind, metadata: { name, namespace }, status };
      caches.observeWrite(await client.applyStatus(wanted, STATUS_MANAGER, signal));
      written.add(objectKey(kind, name));
    } catch (error) {
      if (!(error instanceof KubeError) || error.retryable) throw error; // the server has trouble, not this status
      if (!error.notFound) failed.push({ kind, name, error });
    }
  });
  const due = events.filter(({ regarding }) => written.has(objectKey(regarding.kind, regarding.metadata.name)));
  await forEachLimit(due, WIDTH, ({ regarding, type, reason, message }) =>
    recorder.record({ regarding: { apiVersion: API_VERSION, ...regarding }, type, reason, message }, signal),
  );
  const [first] = failed;
  if (!first) return;
  const which = `${first.kind} ${first.name}${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}`;
  throw new Error(`The status of ${which} was not written: ${first.error.message}`, { cause: first.error });
}

export async function deletePod(
  roll: NonNullable<Plan['roll']>,
  namespace: string,
  { client }: ExecuteOptions,
  signal: AbortSignal,
): Promise<void> {
  await client.delete(resourceOf('Pod'), namespace, roll.pod, roll.uid, signal);
}

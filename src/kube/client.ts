import { KubeError } from './errors.ts';
import { type KubeObject, type Place, pathOf, type ResourceType, resourceOf } from './resource.ts';
import type { Transport } from './transport.ts';

/** Writes are server-side applies of plain JSON, so that fields which a library does not know are not lost. */
export class KubeClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  apply(manifest: KubeObject, fieldManager: string, signal?: AbortSignal): Promise<KubeObject> {
    const { namespace, name } = manifest.metadata;
    return this.#patch(pathOf(resourceOf(manifest.kind), { namespace, name }), manifest, fieldManager, signal);
  }

  /** The same without taking over what is another manager's: then it is a conflict, and nothing is written. */
  applyUnforced(manifest: KubeObject, fieldManager: string, signal?: AbortSignal): Promise<KubeObject> {
    const { namespace, name } = manifest.metadata;
    return this.#patch(pathOf(resourceOf(manifest.kind), { namespace, name }), manifest, fieldManager, signal, 'false');
  }

  applyStatus(manifest: KubeObject, fieldManager: string, signal?: AbortSignal): Promise<KubeObject> {
    const { namespace, name } = manifest.metadata;
    return this.#patch(
      pathOf(resourceOf(manifest.kind), { namespace, name, subresource: 'status' }),
      manifest,
      fieldManager,
      signal,
    );
  }

  /** Returns whether the object existed. With a `uid` no other object of the same name is deleted. */
  async delete(
    type: ResourceType,
    namespace: string,
    name: string,
    uid?: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const body = uid === undefined ? {} : { preconditions: { uid } };
    try {
      await this.#transport.request('DELETE', pathOf(type, { namespace, name }), { body, signal });
      return true;
    } catch (error) {
      if (error instanceof KubeError && (error.notFound || error.conflict)) return false;
      throw error;
    }
  }

  async annotate(
    type: ResourceType,
    namespace: string,
    name: string,
    annotations: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.mergePatch(type, { namespace, name }, { metadata: { annotations } }, signal);
  }

  mergePatch(
    type: ResourceType,
    place: Place,
    patch: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<KubeObject> {
    return this.#transport.request('PATCH', pathOf(type, place), {
      body: patch,
      contentType: 'application/merge-patch+json',
      signal,
    });
  }

  async get(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined> {
    try {
      return await this.#transport.request('GET', pathOf(type, { namespace, name }), { signal });
    } catch (error) {
      if (error instanceof KubeError && error.notFound) return undefined;
      throw error;
    }
  }

  create(type: ResourceType, object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    return this.#transport.request('POST', pathOf(type, { namespace: object.metadata.namespace }), {
      body: object,
      signal,
    });
  }

  replace(type: ResourceType, object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    const { namespace, name } = object.metadata;
    return this.#transport.request('PUT', pathOf(type, { namespace, name }), { body: object, signal });
  }

  #patch(
    path: string,
    manifest: KubeObject,
    fieldManager: string,
    signal: AbortSignal | undefined,
    force = 'true',
  ): Promise<KubeObject> {
    return this.#transport.request('PATCH', path, {
      query: { fieldManager, force, fieldValidation: 'Strict' },
      body: manifest,
      contentType: 'application/apply-patch+yaml',
      signal,
    });
  }
}

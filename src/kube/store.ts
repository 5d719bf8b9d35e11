import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from './resource.ts';
import { olderThan } from './watch-event.ts';

/** The objects of one kind, by namespace and name. */
export interface Change {
  readonly object: KubeObject;
  readonly previous?: KubeObject;
  readonly type: 'added' | 'changed' | 'deleted';
}

/**
 * A cache of objects. It returns the identical object and the identical list for as long as nothing changes, and a new version
 * of an object shares unchanged members with the one before, so that results can be kept by identity.
 *
 * Listeners are called after a change, in order. One that throws is logged and does not keep the others from being called.
 */
export class Store {
  readonly #onListenerError: (error: unknown) => void;
  readonly #byNamespace = new Map<string, Map<string, KubeObject>>();
  readonly #lists = new Map<string, readonly KubeObject[]>();
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(onListenerError: (error: unknown) => void = () => undefined) {
    this.#onListenerError = onListenerError;
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.add(listener);
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#byNamespace.get(namespace)?.get(name);
  }

  list(namespace: string): readonly KubeObject[] {
    const objects = this.#byNamespace.get(namespace);
    if (!objects) return NONE;
    const list = this.#lists.get(namespace) ?? [...objects.values()];
    this.#lists.set(namespace, list);
    return list;
  }

  namespaces(): string[] {
    return [...this.#byNamespace.keys()];
  }

  *all(): Generator<KubeObject> {
    for (const objects of this.#byNamespace.values()) yield* objects.values();
  }

  get size(): number {
    let size = 0;
    for (const objects of this.#byNamespace.values()) size += objects.size;
    return size;
  }

  /** Takes in an object of a watch or of an answer to a write. An older version than the known one is ignored. */
  put(object: KubeObject): void {
    const { uid, resourceVersion = '' } = object.metadata;
    const known = this.get(object.metadata.namespace ?? '', object.metadata.name)?.metadata;
    if (known?.uid === uid && olderThan(resourceVersion, known?.resourceVersion)) return;
    this.#set(object);
  }

  #set(incoming: KubeObject): void {
    const { namespace = '', name, uid, resourceVersion } = incoming.metadata;
    const objects = this.#byNamespace.get(namespace) ?? new Map<string, KubeObject>();
    this.#byNamespace.set(namespace, objects);
    const previous = objects.get(name);
    if (previous?.metadata.resourceVersion === resourceVersion && previous?.metadata.uid === uid) return;
    const object = previous ? sharing(incoming, previous) : incoming;
    objects.set(name, object);
    this.#lists.delete(namespace);
    // Same name but another uid: another object, although no deletion was seen.
    if (previous && previous.metadata.uid !== uid) this.#notify({ type: 'deleted', object: previous });
    this.#notify(
      previous && previous.metadata.uid === uid ? { type: 'changed', object, previous } : { type: 'added', object },
    );
  }

  delete(object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    const objects = this.#byNamespace.get(namespace);
    const known = objects?.get(name);
    if (!objects || !known) return;
    objects.delete(name);
    this.#lists.delete(namespace);
    if (objects.size === 0) this.#byNamespace.delete(namespace);
    this.#notify({ type: 'deleted', object: known });
  }

  /**
   * Takes in a complete list, of one namespace or of all, even of a server whose versions went back: objects that are not
   * in it were deleted.
   */
  replace(objects: readonly KubeObject[], namespace?: string): void {
    const keys = new Set(objects.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`));
    for (const known of namespace === undefined ? [...this.all()] : this.list(namespace))
      if (!keys.has(`${known.metadata.namespace ?? ''}/${known.metadata.name}`)) this.delete(known);
    for (const object of objects) this.#set(object);
  }

  #notify(change: Change): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}

const NONE: readonly KubeObject[] = [];

function sharing(object: KubeObject, previous: KubeObject): KubeObject {
  const members = Object.entries(object).map(([member, value]) => {
    const before = previous[member];
    return [member, isDeepStrictEqual(value, before) ? before : value];
  });
  return Object.fromEntries(members) as KubeObject;
}

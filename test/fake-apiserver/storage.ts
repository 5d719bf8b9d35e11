import { expired } from './answers.ts';
import type { Kind } from './kinds.ts';
import type { Manager } from './managed-fields.ts';
import type { Obj } from './object.ts';

/** One version of one object; never changed. `body` is its JSON without apiVersion and kind, as lists of built-ins have it. */
export interface Stored {
  readonly kind: Kind;
  readonly object: Obj;
  readonly managers: readonly Manager[];
  readonly body: string;
}

export interface StoredEvent {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly stored: Stored;
  readonly previous?: Stored | undefined;
}

/** A moment to go back to. */
export interface Backup {
  readonly version: number;
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Stored>>>;
}

type Objects = Map<string, Map<string, Map<string, Stored>>>;

/** What etcd is to the real server: objects, one global counter of versions, and a window of what happened. */
export class Storage {
  version = 1000;
  readonly #historyLimit: number;
  #objects: Objects = new Map();
  #history: StoredEvent[] = [];
  /** Events up to here are forgotten. */
  #compacted = 0;
  readonly #untold: StoredEvent[] = [];
  readonly #followers = new Set<(event: StoredEvent) => void>();

  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  get(kind: Kind, namespace: string, name: string): Stored | undefined {
    return this.#objects.get(kind.plural)?.get(namespace)?.get(name);
  }

  /** Sorted as etcd sorts its keys. */
  list(kind: Kind, namespace?: string): Stored[] {
    const all = this.#objects.get(kind.plural) ?? new Map<string, Map<string, Stored>>();
    const namespaces = namespace === undefined ? [...all.keys()].sort() : [namespace];
    return namespaces.flatMap(one => {
      const objects = all.get(one);
      return objects
        ? [...objects.values()].sort((a, b) => (a.object.metadata.name < b.object.metadata.name ? -1 : 1))
        : [];
    });
  }

  /** Everything in a namespace, of all kinds. */
  *inNamespace(namespace: string): Generator<Stored> {
    for (const byNamespace of this.#objects.values()) yield* byNamespace.get(namespace)?.values() ?? [];
  }

  put(kind: Kind, object: Obj, managers: readonly Manager[]): Stored {
    const namespace = object.metadata.namespace ?? '';
    const previous = this.get(kind, namespace, object.metadata.name);
    const stored = this.#next(kind, object, managers);
    const byNamespace = this.#objects.get(kind.plural) ?? new Map<string, Map<string, Stored>>();
    const byName = byNamespace.get(namespace) ?? new Map<string, Stored>();
    this.#objects.set(kind.plural, byNamespace);
    byNamespace.set(namespace, byName);
    byName.set(object.metadata.name, stored);
    this.#tell({ version: this.version, type: previous ? 'MODIFIED' : 'ADDED', stored, previous });
    return stored;
  }

  remove({ kind, object, managers }: Stored): void {
    this.#objects
      .get(kind.plural)
      ?.get(object.metadata.namespace ?? '')
      ?.delete(object.metadata.name);
    const last = this.#next(kind, { ...object, metadata: { ...object.metadata } }, managers);
    this.#tell({ version: this.version, type: 'DELETED', stored: last, previous: last });
  }

  follow(follower: (event: StoredEvent) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** What happened after a version; refused when part of that is forgotten. */
  since(version: number): readonly StoredEvent[] {
    if (version < this.#compacted) throw expired();
    return this.#history.filter(event => event.version > version);
  }

  compact(): void {
    this.#compacted = this.version;
    this.#history = [];
  }

  backup(): Backup {
    const objects = new Map(
      [...this.#objects].map(([plural, byNamespace]) => [
        plural,
        new Map([...byNamespace].map(([namespace, byName]) => [namespace, new Map(byName)])),
      ]),
    );
    return { version: this.version, objects };
  }

  /** As after a restored etcd: versions begin again where they were. */
  restore({ version, objects }: Backup): void {
    this.version = version;
    this.#objects = new Map(
      [...objects].map(([plural, byNamespace]) => [
        plural,
        new Map([...byNamespace].map(([namespace, byName]) => [namespace, new Map(byName)])),
      ]),
    );
    this.#history = [];
    this.#compacted = version;
  }

  #next(kind: Kind, object: Obj, managers: readonly Manager[]): Stored {
    this.version++;
    object.metadata.resourceVersion = String(this.version);
    const { apiVersion: _, kind: __, ...rest } = object;
    return { kind, object, managers, body: JSON.stringify(rest) };
  }

  #tell(event: StoredEvent): void {
    this.#history.push(event);
    if (this.#history.length > this.#historyLimit * 1.5) {
      const forgotten = this.#history.splice(0, this.#history.length - this.#historyLimit);
      this.#compacted = forgotten.at(-1)?.version ?? this.#compacted;
    }
    this.#untold.push(event);
    if (this.#untold.length > 1) return;
    // A follower may write: everybody still hears in order.
    for (let next = this.#untold[0]; next; next = this.#untold[0]) {
      for (const follower of this.#followers) follower(next);
      this.#untold.shift();
    }
  }
}

export function whole({ object, body }: Stored): string {
  return `{"apiVersion":${JSON.stringify(object.apiVersion)},"kind":${JSON.stringify(object.kind)},${body.slice(1)}`;
}

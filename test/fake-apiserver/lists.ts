import { randomUUID } from 'node:crypto';
import { Refusal } from './answers.ts';
import type { Kind } from './kinds.ts';
import { apiVersionOf } from './object.ts';
import { selector } from './selector.ts';
import { type Storage, type Stored, whole } from './storage.ts';

/** Lists in pages. All pages of one list show the same moment, as the real ones do. */
export interface ListRequest {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly labelSelector: string;
  readonly limit: number;
  readonly from: string;
  /** Metadata alone was asked for. It comes whole here, but none is null, as there. */
  readonly metadataOnly: boolean;
}

interface Snapshot {
  readonly version: number;
  readonly items: readonly Stored[];
}

const MAX_SNAPSHOTS = 50;

export class Lists {
  readonly #snapshots = new Map<string, Snapshot>();

  /** The text of a list; items of built-in kinds come without their kind. */
  page(storage: Storage, request: ListRequest): string {
    const { kind, limit, from } = request;
    const [id = '', start = '0'] = from.split('.');
    const snapshot = from === '' ? this.#taken(storage, request) : this.#snapshots.get(id);
    if (!snapshot)
      throw new Refusal(
        410,
        'Expired',
        'The provided continue parameter is too old to display a consistent list result.',
      );
    const first = Number(start);
    const end = limit > 0 ? Math.min(first + limit, snapshot.items.length) : snapshot.items.length;
    const metadata: Record<string, unknown> = { resourceVersion: String(snapshot.version) };
    if (end < snapshot.items.length) {
      const token = from === '' ? this.#kept(snapshot) : id;
      Object.assign(metadata, { continue: `${token}.${end}`, remainingItemCount: snapshot.items.length - end });
    }
    const items = snapshot.items.slice(first, end).map(stored => (kind.schema ? whole(stored) : stored.body));
    if (request.metadataOnly && items.length === 0)
      return JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: null });
    const head = `{"kind":"${kind.kind}List","apiVersion":"${apiVersionOf(kind)}","metadata":${JSON.stringify(metadata)}`;
    return `${head},"items":[${items.join(',')}]}`;
  }

  /** Every list that goes on must begin again. */
  expire(): void {
    this.#snapshots.clear();
  }

  #taken(storage: Storage, { kind, namespace, name, labelSelector }: ListRequest): Snapshot {
    const selects = selector(labelSelector);
    const items = storage
      .list(kind, namespace)
      .filter(({ object }) => selects(object.metadata.labels) && (name === '' || object.metadata.name === name));
    return { version: storage.version, items };
  }

  #kept(snapshot: Snapshot): string {
    const id = randomUUID();
    this.#snapshots.set(id, snapshot);
    const oldest = this.#snapshots.keys().next().value;
    if (this.#snapshots.size > MAX_SNAPSHOTS && oldest !== undefined) this.#snapshots.delete(oldest);
    return id;
  }
}

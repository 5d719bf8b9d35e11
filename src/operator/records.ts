import { type TenantRecord, tenantRecordSchema } from '../api/record.ts';
import { semanticEqual } from '../core/equality.ts';
import { Memo } from '../core/memo.ts';
import { LABEL_COMPONENT, LABEL_MANAGED, MANAGER } from '../core/names.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Caches } from './caches.ts';

/**
 * The record of each tenant (`api/record.ts`), in ConfigMap `organization-<namespace>` in the operator's own namespace. A
 * record that does not change is not written.
 */
const PREFIX = 'organization-';
const KEY = 'record.json';

export interface RecordsOptions {
  readonly caches: Caches;
  readonly client: KubeClient;
  readonly operatorNamespace: string;
}

const NOTHING: TenantRecord = {};

export class Records {
  readonly #options: RecordsOptions;
  readonly #parsed = new WeakMap<KubeObject, TenantRecord>();
  readonly #all = new Memo<readonly KubeObject[], ReadonlyMap<string, TenantRecord>>();

  constructor(options: RecordsOptions) {
    this.#options = options;
  }

  of(namespace: string): TenantRecord {
    const object = this.#live(namespace);
    return object ? this.read(object) : NOTHING;
  }

  /** All records by namespace of the tenant; the identical map while nothing changes. */
  all(): ReadonlyMap<string, TenantRecord> {
    const { caches, operatorNamespace } = this.#options;
    const list = caches.store('ConfigMap').list(operatorNamespace);
    return this.#all.of(list, [], () => {
      const records = new Map<string, TenantRecord>();
      for (const object of list) {
        const namespace = recordOf(object);
        if (namespace !== undefined) records.set(namespace, this.read(object));
      }
      return records;
    });
  }

  read(object: KubeObject): TenantRecord {
    const known = this.#parsed.get(object) ?? parse(object);
    this.#parsed.set(object, known);
    return known;
  }

  /** Rejects with a KubeError when the server does not accept it. */
  async write(namespace: string, record: TenantRecord, signal: AbortSignal): Promise<void> {
    const { caches, client, operatorNamespace } = this.#options;
    if (semanticEqual(this.of(namespace), record)) return;
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: PREFIX + namespace,
        namespace: operatorNamespace,
        labels: { [LABEL_MANAGED]: MANAGER, [LABEL_COMPONENT]: 'record' },
      },
      data: { [KEY]: JSON.stringify(record) },
    };
    caches.observeWrite(await client.apply(manifest, MANAGER, signal));
  }

  /** Deletes the record of a tenant that does not exist any more. */
  async forget(namespace: string, signal: AbortSignal): Promise<void> {
    const live = this.#live(namespace);
    if (!live) return;
    const { client, operatorNamespace } = this.#options;
    await client.delete(RESOURCES.ConfigMap, operatorNamespace, live.metadata.name, live.metadata.uid, signal);
  }

  #live(namespace: string): KubeObject | undefined {
    const { caches, operatorNamespace } = this.#options;
    return caches.store('ConfigMap').get(operatorNamespace, PREFIX + namespace);
  }
}

/** The namespace of the tenant that a record belongs to; undefined: the object is no record. */
export function recordOf({ metadata: { name, labels } }: KubeObject): string | undefined {
  return labels?.[LABEL_COMPONENT] === 'record' && name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** A record that cannot be parsed, because somebody edited it by hand, counts as empty and is written again. */
function parse(object: KubeObject): TenantRecord {
  const text = (object['data'] as Record<string, string> | undefined)?.[KEY] ?? '';
  try {
    return tenantRecordSchema.parse(JSON.parse(text));
  } catch {
    return NOTHING;
  }
}

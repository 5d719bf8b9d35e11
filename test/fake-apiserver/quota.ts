import { forbidden } from './answers.ts';
import { type Kind, kindNamed } from './kinds.ts';
import { isJson, type Obj } from './object.ts';
import type { Storage } from './storage.ts';

/** The quota admission of the real server, for object counts: refuses one more than `hard` allows. */
export function overQuota(storage: Storage, kind: Kind, object: Obj): void {
  const namespace = object.metadata.namespace;
  if (namespace === undefined) return;
  const resource = `count/${kind.plural}${kind.group ? `.${kind.group}` : ''}`;
  for (const { object: quota } of storage.list(kindNamed('ResourceQuota'), namespace)) {
    const hard = isJson(quota['spec']) && isJson(quota['spec']['hard']) ? quota['spec']['hard'][resource] : undefined;
    const used = storage.list(kind, namespace).length;
    if (hard === undefined || used + 1 <= Number(hard)) continue;
    const { name } = quota.metadata;
    const why = `exceeded quota: ${name}, requested: ${resource}=1, used: ${resource}=${used}, limited: ${resource}=${hard}`;
    throw forbidden(kind, object.metadata.name, why);
  }
}

import { childOf, type Schema } from '../../src/lint/schema.ts';
import type { Kind } from './kinds.ts';
import { isJson, type Json, type Obj, same } from './object.ts';

/**
 * Who owns which field, and the merge of server-side apply. A path is its elements joined by a separator that no key has:
 * `f:name` a member, `k:{…}` an entry of a list that is a map, `v:…` an entry of a set.
 */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string;
  readonly time: string;
  readonly fields: ReadonlySet<string>;
}

const SEPARATOR = '\u0001';

/** Lists of built-in kinds that are maps, by the name of the member; every other list of theirs is atomic. */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
};
const SETS = new Set(['finalizers']);
const ATOMIC_MAPS = new Set(['selector', 'nodeSelector', 'podSelector', 'namespaceSelector', 'matchLabels']);

type Shape =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'object'; child(key: string): Shape }
  | { readonly kind: 'map'; readonly keys: readonly string[]; readonly item: Shape };

const ATOMIC: Shape = { kind: 'atomic' };

export function shapeOf(kind: Kind): Shape {
  const builtin = builtinShape('', kind.kind);
  if (!kind.schema) return builtin;
  const custom = customShape(kind.schema);
  if (custom.kind !== 'object') return custom;
  return { kind: 'object', child: key => (key === 'metadata' ? builtinShape(key, kind.kind) : custom.child(key)) };
}

/** Keys of `ports`, which differ by what has them. */
const PORT_KEYS: Readonly<Record<string, readonly string[]>> = {
  Service: ['port', 'protocol'],
  StatefulSet: ['containerPort', 'protocol'],
  Pod: ['containerPort', 'protocol'],
};

function builtinShape(name: string, kind: string): Shape {
  const keys = name === 'ports' ? PORT_KEYS[kind] : LIST_KEYS[name];
  if (SETS.has(name)) return { kind: 'set' };
  if (keys) return { kind: 'map', keys, item: builtinShape('', kind) };
  if (ATOMIC_MAPS.has(name)) return ATOMIC;
  return { kind: 'object', child: key => builtinShape(key, kind) };
}

function customShape(schema: Schema): Shape {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return { kind: 'set' };
  if (type === 'map')
    return { kind: 'map', keys: schema['x-kubernetes-list-map-keys'] ?? [], item: customShape(schema.items ?? {}) };
  if (schema.items || schema['x-kubernetes-map-type'] === 'atomic') return ATOMIC;
  return { kind: 'object', child: key => customShape(childOf(schema, key) ?? {}) };
}

/** Keys with a default are the same with and without it. */
const KEY_DEFAULTS: Json = { protocol: 'TCP' };

function keyOf(item: unknown, keys: readonly string[]): string {
  const values = keys.map(key => [key, (isJson(item) ? item[key] : undefined) ?? KEY_DEFAULTS[key]]);
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}

/** Leaves, and the entries of lists that are maps; not what the server itself keeps in metadata. */
export function fieldsOf(
  shape: Shape,
  value: unknown,
  prefix = '',
  into = new Map<string, unknown>(),
): Map<string, unknown> {
  const at = (element: string): string => (prefix ? prefix + SEPARATOR + element : element);
  if (shape.kind === 'object' && isJson(value) && Object.keys(value).length > 0) {
    for (const [key, member] of Object.entries(value))
      if (!(prefix === '' && IDENTITY.has(key)) && !(prefix === 'f:metadata' && KEPT_BY_SERVER.has(key)))
        fieldsOf(shape.child(key), member, at(`f:${key}`), into);
  } else if (shape.kind === 'map' && Array.isArray(value)) {
    for (const item of value) {
      const entry = at(keyOf(item, shape.keys));
      into.set(entry, null);
      fieldsOf(shape.item, item, entry, into);
    }
  } else if (shape.kind === 'set' && Array.isArray(value)) {
    for (const item of value) into.set(at(`v:${JSON.stringify(item)}`), item);
  } else if (prefix) into.set(prefix, value);
  return into;
}

const IDENTITY = new Set(['apiVersion', 'kind']);
const KEPT_BY_SERVER = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'generateName',
]);

/** `applied` laid over `live`; lists that are maps by key, in the order of the applied. */
export function merge(shape: Shape, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (shape.kind === 'object' && isJson(live) && isJson(applied)) {
    const merged: Json = { ...live };
    for (const [key, value] of Object.entries(applied)) merged[key] = merge(shape.child(key), live[key], value);
    return merged;
  }
  if (shape.kind === 'set' && Array.isArray(live) && Array.isArray(applied))
    return [...live, ...applied.filter(item => !live.some(known => same(known, item)))];
  if (shape.kind === 'map' && Array.isArray(live) && Array.isArray(applied)) {
    const rest = new Map(live.map(item => [keyOf(item, shape.keys), item]));
    const merged = applied.map(item => {
      const key = keyOf(item, shape.keys);
      const known = rest.get(key);
      rest.delete(key);
      return merge(shape.item, known, item);
    });
    return [...merged, ...rest.values()];
  }
  return structuredClone(applied);
}

/** Takes paths out; parents that become empty by it go too. */
export function without(shape: Shape, value: unknown, paths: ReadonlySet<string>, prefix = ''): unknown {
  const at = (element: string): string => (prefix ? prefix + SEPARATOR + element : element);
  if (paths.size === 0) return value;
  if (shape.kind === 'object' && isJson(value)) {
    const kept = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
      const path = at(`f:${key}`);
      if (paths.has(path)) return [];
      const rest = without(shape.child(key), member, paths, path);
      return rest === undefined ? [] : [[key, rest]];
    });
    return kept.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(kept);
  }
  if (!Array.isArray(value) || shape.kind === 'atomic' || shape.kind === 'object') return value;
  const kept = value.flatMap(item => {
    const path = at(shape.kind === 'set' ? `v:${JSON.stringify(item)}` : keyOf(item, shape.keys));
    if (paths.has(path)) return [];
    return shape.kind === 'map' ? [without(shape.item, item, paths, path)] : [item];
  });
  return kept.length === 0 && value.length > 0 ? undefined : kept;
}

/** What one manager loses when others own the path, or something below it. */
export function unowned(paths: Iterable<string>, others: readonly Manager[]): Set<string> {
  const owned = (path: string): boolean =>
    others.some(({ fields }) => fields.has(path) || [...fields].some(other => other.startsWith(path + SEPARATOR)));
  return new Set([...paths].filter(path => !owned(path)));
}

export function readable(path: string): string {
  return path
    .split(SEPARATOR)
    .map(element => (element.startsWith('f:') ? `.${element.slice(2)}` : `[${element.slice(2)}]`))
    .join('');
}

/** metadata.managedFields as clients see it. */
export function described(managers: readonly Manager[], apiVersion: string): unknown[] {
  return managers.map(({ name, operation, subresource, time, fields }) => ({
    manager: name,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: tree(fields),
    ...(subresource ? { subresource } : {}),
  }));
}

function tree(fields: ReadonlySet<string>): Json {
  const root: Json = {};
  for (const path of fields) {
    let node = root;
    for (const element of path.split(SEPARATOR)) {
      const next = (node[element] ?? {}) as Json;
      node[element] = next;
      node = next;
    }
    if (path.slice(path.lastIndexOf(SEPARATOR) + 1).startsWith('k:')) node['.'] = {};
  }
  return root;
}

/** Managers after a write that is no apply: who wrote a value owns it alone. */
export function managersAfterUpdate(
  shape: Shape,
  before: Obj | undefined,
  after: Obj,
  {
    managers,
    name,
    subresource,
    time,
  }: { managers: readonly Manager[]; name: string; subresource: string; time: string },
): Manager[] {
  const old = before ? fieldsOf(shape, before) : new Map<string, unknown>();
  const fresh = fieldsOf(shape, after);
  const changed = new Set(
    [...fresh].filter(([path, value]) => !old.has(path) || !same(old.get(path), value)).map(([path]) => path),
  );
  const gone = new Set([...old.keys()].filter(path => !fresh.has(path)));
  if (changed.size === 0 && gone.size === 0) return [...managers];
  const mine = (manager: Manager): boolean =>
    manager.name === name && manager.operation === 'Update' && manager.subresource === subresource;
  const own = new Set([...(managers.find(mine)?.fields ?? []), ...changed].filter(path => !gone.has(path)));
  const rest = managers
    .filter(manager => !mine(manager))
    .map(manager => ({
      ...manager,
      fields: new Set([...manager.fields].filter(path => !changed.has(path) && !gone.has(path))),
    }));
  return [...rest, { name, operation: 'Update' as const, subresource, time, fields: own }].filter(
    ({ fields }) => fields.size > 0,
  );
}

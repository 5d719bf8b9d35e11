import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/runtime/clock.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  Refusal,
  requiredField,
} from './answers.ts';
import { collectGarbage } from './collect.ts';
import type { Kind } from './kinds.ts';
import { kindNamed } from './kinds.ts';
import {
  described,
  fieldsOf,
  type Manager,
  managersAfterUpdate,
  merge,
  readable,
  shapeOf,
  unowned,
  without,
} from './managed-fields.ts';
import { isJson, type Json, type Meta, type Obj, same } from './object.ts';
import { admit, strictProblems, untyped } from './prepare.ts';
import { overQuota } from './quota.ts';
import type { Storage, Stored } from './storage.ts';

/** The verbs that change something, with the rules of the real server. Reads need no rules: see storage.ts. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export interface WriteOptions {
  readonly manager: string;
  readonly strict?: boolean;
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: string;
}

/** Built-in kinds of which a PUT needs no version. */
const UNCONDITIONAL = new Set(['ConfigMap', 'Secret', 'Pod', 'Service', 'Namespace', 'Node', 'StatefulSet', 'Event']);

/** Built-in kinds that a PUT creates when they are not there, whatever version it names. */
const CREATED_BY_PUT = new Set(['Lease', 'Event']);

export class Registry {
  /** Refuse what a ResourceQuota of the namespace does not allow any more. */
  enforceQuota = false;
  readonly #storage: Storage;
  readonly #clock: Clock;
  /** Stored before the default of their status was: readers see it, and the next write stores it, were it else none. */
  readonly #undefaulted = new WeakSet<Stored>();

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  create({ kind, namespace, name }: Omit<Target, 'subresource'>, body: Obj, options: WriteOptions): Stored {
    const generated = name || body.metadata.name || `${body.metadata.generateName ?? ''}${randomUUID().slice(0, 5)}`;
    if (body.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
    const object = this.#decoded(kind, { ...body, metadata: { ...body.metadata, name: generated } }, options);
    this.#mayLiveIn(kind, namespace, generated);
    if (this.#storage.get(kind, namespace, generated)) throw alreadyExists(kind, generated);
    const fresh = this.#fresh(kind, namespace, generated, object);
    return this.#insert(
      kind,
      fresh,
      managersAfterUpdate(shapeOf(kind), undefined, fresh, this.#author([], options, '')),
    );
  }

  update(target: Target, body: Obj, options: WriteOptions): Stored {
    const { kind, name, subresource } = target;
    if (CREATED_BY_PUT.has(kind.kind) && !this.#storage.get(kind, target.namespace, name)) {
      const { resourceVersion: _, ...metadata } = body.metadata;
      return this.create(target, { ...body, metadata }, options);
    }
    const before = this.#existing(target);
    const object = this.#decoded(kind, body, options);
    const version = body.metadata.resourceVersion;
    if (!version && !UNCONDITIONAL.has(kind.kind))
      throw invalid(kind, name, [requiredField('metadata.resourceVersion')]);
    this.#checkVersion(target, before, body.metadata);
    const after = this.#next(kind, before.object, object, subresource);
    const author = this.#author(before.managers, options, subresource);
    return this.#replace(before, after, managersAfterUpdate(shapeOf(kind), before.object, after, author));
  }

  mergePatch(target: Target, patch: Json, options: WriteOptions): Stored {
    const before = this.#existing(target);
    const merged = mergePatched(before.object, patch) as Obj;
    if (isJson(patch['metadata']) && patch['metadata']['resourceVersion'] === undefined)
      delete merged.metadata.resourceVersion;
    merged.metadata.resourceVersion ??= before.object.metadata.resourceVersion ?? '';
    return this.update(target, merged, options);
  }

  apply(target: Target, body: Obj, options: WriteOptions): Stored {
    const { kind, namespace, name, subresource } = target;
    if (!options.manager)
      throw badRequest(
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      );
    if (body.metadata?.managedFields) throw badRequest('metadata.managedFields must be nil');
    const problem = untyped(kind, body);
    if (problem)
      throw new Refusal(
        500,
        '',
        `failed to create typed patch object (${namespace}/${name}; ${body.apiVersion}, Kind=${body.kind}): ${problem}`,
      );
    const before = this.#storage.get(kind, namespace, name);
    if (!before) {
      if (subresource) throw notFound(kind, name);
      if (body.metadata.uid)
        throw conflict(
          kind,
          name,
          `uid mismatch: the provided object specified uid ${body.metadata.uid}, and no existing object was found`,
        );
      this.#mayLiveIn(kind, namespace, name);
    } else this.#checkVersion(target, before, body.metadata);
    const applied = structuredClone(body);
    if (kind.status && !subresource) delete applied['status'];
    const { object, managers } = this.#applied(target, before, applied, options);
    if (before) return this.#replace(before, this.#next(kind, before.object, object, subresource), managers);
    return this.#insert(kind, this.#fresh(kind, namespace, name, object), managers);
  }

  delete(target: Target, { preconditions, propagationPolicy }: DeleteOptions): Stored {
    const { kind, name } = target;
    const stored = this.#existing(target);
    const { uid, resourceVersion, finalizers = [], deletionTimestamp } = stored.object.metadata;
    if (preconditions?.uid && preconditions.uid !== uid)
      throw conflict(
        kind,
        name,
        `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`,
      );
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion)
      throw conflict(kind, name, 'Precondition failed: resourceVersion');
    if (finalizers.length === 0) return this.#remove(stored, propagationPolicy !== 'Orphan');
    if (deletionTimestamp) return stored;
    const object = structuredClone(stored.object);
    object.metadata.deletionTimestamp = this.#time();
    return this.#storage.put(kind, object, stored.managers);
  }

  #applied(
    { kind, name, subresource }: Target,
    before: Stored | undefined,
    body: Obj,
    { manager, force }: WriteOptions,
  ): { object: Obj; managers: Manager[] } {
    const shape = shapeOf(kind);
    const fields = fieldsOf(shape, subresource ? { status: body['status'] } : body);
    const live = before ? fieldsOf(shape, before.object) : new Map<string, unknown>();
    const isMine = (other: Manager): boolean =>
      other.name === manager && other.operation === 'Apply' && other.subresource === subresource;
    const mine = before?.managers.find(isMine);
    let others = before?.managers.filter(other => !isMine(other)) ?? [];
    const differs = new Set(
      [...fields].filter(([path, value]) => live.has(path) && !same(live.get(path), value)).map(([path]) => path),
    );
    if (!force) refuseDisputed(others, differs, `${kind.kind} ${name}`);
    others = others
      .map(other => ({ ...other, fields: new Set([...other.fields].filter(path => !differs.has(path))) }))
      .filter(other => other.fields.size > 0);
    const dropped = unowned(
      [...(mine?.fields ?? [])].filter(path => !fields.has(path)),
      others,
    );
    const merged = merge(shape, before?.object ?? {}, body);
    const object = (without(shape, merged, dropped) ?? {}) as Obj;
    const own = new Set(fields.keys());
    const unchanged =
      mine !== undefined && own.size === mine.fields.size && [...own].every(path => mine.fields.has(path));
    const entry: Manager = {
      name: manager,
      operation: 'Apply',
      subresource,
      time: unchanged ? mine.time : this.#time(),
      fields: own,
    };
    return { object, managers: [...others, ...(own.size > 0 ? [entry] : [])] };
  }

  #decoded(kind: Kind, body: Obj, { strict }: WriteOptions): Obj {
    const object = structuredClone(body);
    const unknown = strictProblems(kind, object);
    if (strict && unknown.length > 0)
      throw badRequest(
        `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${unknown.map(at => `unknown field "${at}"`).join(', ')}`,
      );
    return object;
  }

  #existing(target: Target): Stored {
    const stored = this.#storage.get(target.kind, target.namespace, target.name);
    if (!stored) throw notFound(target.kind, target.name);
    return stored;
  }

  #mayLiveIn(kind: Kind, namespace: string, name: string): void {
    if (!kind.namespaced) return;
    const home = this.#storage.get(kindNamed('Namespace'), '', namespace);
    if (!home) throw notFound(kindNamed('Namespace'), namespace);
    if (home.object.metadata.deletionTimestamp)
      throw forbidden(
        kind,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      );
  }

  #checkVersion({ kind, name }: Target, { object }: Stored, { resourceVersion, uid }: Meta): void {
    if (resourceVersion && resourceVersion !== object.metadata.resourceVersion)
      throw conflict(
        kind,
        name,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    if (uid && uid !== object.metadata.uid)
      throw conflict(
        kind,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`,
      );
  }

  #fresh(kind: Kind, namespace: string, name: string, body: Obj): Obj {
    const { resourceVersion: _, managedFields: __, deletionTimestamp: ___, ...metadata } = body.metadata;
    const object: Obj = {
      ...body,
      metadata: {
        ...metadata,
        name,
        ...(kind.namespaced ? { namespace } : {}),
        uid: randomUUID(),
        creationTimestamp: this.#time(),
        ...(kind.generation ? { generation: 1 } : {}),
      },
    };
    if (kind.status) delete object['status'];
    admit(kind, object, undefined);
    return object;
  }

  /** The stored object after a write to it or to its status: each write touches only its half. */
  #next(kind: Kind, before: Obj, candidate: Obj, subresource: string): Obj {
    const own = subresource === 'status' ? { ...before, status: candidate['status'] } : { ...candidate };
    if (subresource !== 'status' && kind.status) own['status'] = before['status'];
    const { uid, creationTimestamp, deletionTimestamp, generation, namespace, name } = before.metadata;
    const {
      managedFields: _,
      deletionTimestamp: __,
      generation: ___,
      ...metadata
    } = (subresource ? before : own).metadata;
    const object = structuredClone({ ...own, metadata }) as Obj;
    Object.assign(object.metadata, { uid, creationTimestamp, generation, deletionTimestamp, namespace, name });
    for (const key of ['generation', 'deletionTimestamp', 'namespace'] as const)
      if (object.metadata[key] === undefined) delete object.metadata[key];
    if (object['status'] === undefined) delete object['status'];
    admit(kind, object, before);
    if (kind.generation && !same(body(before), body(object))) object.metadata.generation = (generation ?? 0) + 1;
    return object;
  }

  #insert(kind: Kind, object: Obj, managers: readonly Manager[]): Stored {
    if (this.enforceQuota) overQuota(this.#storage, kind, object);
    const stored = this.#put(kind, object, managers);
    if (kind.schema?.properties?.['status']?.default !== undefined) this.#undefaulted.add(stored);
    return stored;
  }

  #replace(before: Stored, object: Obj, managers: readonly Manager[]): Stored {
    if (object.metadata.deletionTimestamp && (object.metadata.finalizers ?? []).length === 0)
      return this.#remove({ ...before, object }, true);
    const plain = ({ metadata: { resourceVersion: _, managedFields: __, ...metadata }, ...rest }: Obj): Json => ({
      ...rest,
      metadata,
    });
    const unchanged = same(plain(before.object), plain(object)) && sameManagers(before.managers, managers);
    if (unchanged && !this.#undefaulted.has(before)) return before;
    return this.#put(before.kind, object, managers);
  }

  #put(kind: Kind, object: Obj, managers: readonly Manager[]): Stored {
    object.metadata.managedFields = described(managers, object.apiVersion);
    return this.#storage.put(kind, object, managers);
  }

  #remove(stored: Stored, cascade: boolean): Stored {
    this.#storage.remove(stored);
    if (cascade) collectGarbage(this.#storage, stored, child => this.#remove(child, true));
    return stored;
  }

  #author(managers: readonly Manager[], { manager }: WriteOptions, subresource: string) {
    return { managers, name: manager || 'unknown', subresource, time: this.#time() };
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

function refuseDisputed(others: readonly Manager[], differs: ReadonlySet<string>, what: string): void {
  const disputed = others.flatMap(({ name, fields }) =>
    [...fields].filter(path => differs.has(path)).map(path => `conflict with "${name}": ${readable(path)}`),
  );
  if (disputed.length === 0) return;
  const many = disputed.length > 1 ? 's' : '';
  throw new Refusal(409, 'Conflict', `Apply failed with ${disputed.length} conflict${many}: ${disputed[0]} (${what})`);
}

/** What counts for the generation. */
function body({ metadata: _, status: __, ...rest }: Obj): Json {
  return rest;
}

function sameManagers(a: readonly Manager[], b: readonly Manager[]): boolean {
  const key = ({ name, operation, subresource, fields }: Manager): string =>
    [name, operation, subresource, ...[...fields].sort()].join('\u0002');
  return same(a.map(key).sort(), b.map(key).sort());
}

/** RFC 7386. */
function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const merged: Json = isJson(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatched(merged[key], value);
  }
  return merged;
}

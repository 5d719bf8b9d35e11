import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { kinds } from '../api/index.ts';
import { Memo } from '../core/memo.ts';
import type { InvalidObject } from '../core/snapshot.ts';
import type { KubeObject } from '../kube/resource.ts';

/**
 * Objects parsed by their schemas, each once for as long as it does not change: an identical raw object or list gives the
 * identical result. The status stays as the server has it. Members that this operator's schema does not know, because the
 * CRD is newer, are ignored. An object that does not match its schema is returned as invalid, and nothing is thrown.
 */
export interface Sorted<T> {
  readonly valid: readonly T[];
  readonly invalid: readonly InvalidObject[];
}

type Reading = { readonly valid: unknown } | { readonly invalid: InvalidObject };

export class Parsed {
  readonly #schemas = new Map<string, z.ZodType>(kinds.map(({ kind, schema }) => [kind, schema]));
  readonly #readings = new WeakMap<KubeObject, Reading>();
  readonly #specs = new WeakMap<object, unknown>();
  readonly #sorted = new Memo<readonly KubeObject[], Sorted<unknown>>();

  sort<T>(objects: readonly KubeObject[]): Sorted<T> {
    return this.#sorted.of(objects, [], () => this.#sort<T>(objects)) as Sorted<T>;
  }

  #sort<T>(objects: readonly KubeObject[]): Sorted<T> {
    const valid: T[] = [];
    const invalid: InvalidObject[] = [];
    for (const object of objects) {
      const reading = this.#read(object);
      if ('valid' in reading) valid.push(reading.valid as T);
      else invalid.push(reading.invalid);
    }
    return { valid, invalid };
  }

  #read(object: KubeObject): Reading {
    const known = this.#readings.get(object);
    if (known) return known;
    const { status, ...rest } = object;
    const result = read(this.#schemas.get(object.kind), rest);
    const reading: Reading = result?.success
      ? { valid: this.#asRead(object, rest, result.data) }
      : { invalid: { kind: object.kind, metadata: object.metadata, status, violation: violationOf(result?.error) } };
    this.#readings.set(object, reading);
    return reading;
  }

  /** The raw object itself when the schema adds nothing, which is the usual case and saves memory. */
  #asRead(object: KubeObject, rest: object, data: unknown): unknown {
    if (isDeepStrictEqual(rest, data)) return object;
    const { status } = object;
    return { ...this.#withSpec(object['spec'], data), ...(status === undefined ? {} : { status }) };
  }

  /** Keeps the identical spec when only the status changed, so that results that depend on it are kept. */
  #withSpec(raw: unknown, data: unknown): object {
    const { spec, ...rest } = data as { spec: unknown };
    if (typeof raw !== 'object' || raw === null) return { ...rest, spec };
    const known = this.#specs.get(raw) ?? spec;
    this.#specs.set(raw, known);
    return { ...rest, spec: known };
  }
}

function read(schema: z.ZodType | undefined, object: unknown): z.ZodSafeParseResult<unknown> | undefined {
  const strict = schema?.safeParse(object);
  if (!schema || !strict || strict.success) return strict;
  const unknown = strict.error.issues.filter(issue => issue.code === 'unrecognized_keys');
  if (unknown.length === 0) return strict;
  const known = structuredClone(object);
  for (const { path, keys } of unknown) {
    const holder = path.reduce(
      (at: unknown, member) => (at as Record<PropertyKey, unknown> | undefined)?.[member],
      known,
    );
    for (const key of keys) delete (holder as Record<string, unknown>)[key];
  }
  return schema.safeParse(known);
}

function violationOf(error: z.ZodError | undefined): string {
  const issue = error?.issues[0];
  return issue ? `${issue.path.join('.') || 'object'}: ${issue.message}` : 'object: of an unknown kind';
}

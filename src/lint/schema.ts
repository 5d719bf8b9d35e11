import { join } from './violation.ts';

/** Structural schemas of CRDs as the API server reads objects by them: what it does not know, and what it fills in. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly Rule[];
}

/** A rule in CEL. */
export interface Rule {
  readonly rule: string;
  readonly message?: string;
  /** Of the member that the rule is about, from where it stands. */
  readonly fieldPath?: string;
}

export type Json = Record<string, unknown>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Removes what the schema does not know; returns where it was. */
export function prune(schema: Schema, value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => prune(schema.items ?? {}, item, `${path}[${i}]`));
  if (!isJson(value)) return [];
  const found: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    const known = childOf(schema, key);
    const at = join(path, key);
    if (known) found.push(...prune(known, member, at));
    else if (!keepsUnknown(schema)) {
      delete value[key];
      found.push(at);
    }
  }
  return found;
}

export function childOf(schema: Schema, key: string): Schema | undefined {
  if (schema.properties?.[key]) return schema.properties[key];
  const others = schema.additionalProperties;
  return others === true ? {} : others || undefined;
}

function keepsUnknown(schema: Schema): boolean {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return true;
  const isScalar = schema['x-kubernetes-int-or-string'] === true || (schema.type ?? 'object') !== 'object';
  return !isScalar && !schema.properties && schema.additionalProperties === undefined;
}

/** Fills defaults in, top down; a null of a member that may not be null counts as absent. */
export function fillDefaults(schema: Schema, value: unknown): void {
  if (Array.isArray(value)) for (const item of value) fillDefaults(schema.items ?? {}, item);
  if (!isJson(value)) return;
  for (const [key, known] of Object.entries(schema.properties ?? {})) {
    const absent = value[key] === undefined || (value[key] === null && !known.nullable);
    if (absent && known.default !== undefined) value[key] = structuredClone(known.default);
    else if (absent) delete value[key];
  }
  for (const [key, member] of Object.entries(value)) fillDefaults(childOf(schema, key) ?? {}, member);
}

/** What is directly in a value, by which schema and where. */
export function* children(schema: Schema, value: unknown, path: string): Generator<[Schema, unknown, string]> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield [schema.items ?? {}, item, `${path}[${i}]`];
  else if (isJson(value))
    for (const [key, member] of Object.entries(value)) yield [childOf(schema, key) ?? {}, member, join(path, key)];
}

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Cause } from './answers.ts';
import { isJson, type Json, same } from './object.ts';

/** Structural schemas of CRDs as the API server works with them: pruning, defaults, checks, lists that are maps. */
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
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message?: string }[];
}

/** Removes what the schema does not know; returns where it was. */
export function prune(schema: Schema, value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => prune(schema.items ?? {}, item, `${path}[${i}]`));
  if (!isJson(value)) return [];
  const found: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    const known = childOf(schema, key);
    const at = path ? `${path}.${key}` : key;
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
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    (!schema.properties && schema.additionalProperties === undefined)
  );
}

/** Fills defaults in, top down; a null where a default is known counts as absent. */
export function fillDefaults(schema: Schema, value: unknown): void {
  if (Array.isArray(value)) for (const item of value) fillDefaults(schema.items ?? {}, item);
  if (!isJson(value)) return;
  for (const [key, known] of Object.entries(schema.properties ?? {})) {
    const absent = value[key] === undefined || (value[key] === null && !known.nullable);
    if (absent && known.default !== undefined) value[key] = structuredClone(known.default);
  }
  for (const [key, member] of Object.entries(value)) fillDefaults(childOf(schema, key) ?? {}, member);
}

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
ajv.addFormat('int64', true);
ajv.addFormat('int32', true);
ajv.addFormat('double', true);
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i);
const compiled = new WeakMap<Schema, ValidateFunction>();

/** Violations of the schema, as causes of a Status. */
export function violations(schema: Schema, value: Json): Cause[] {
  const check = compiled.get(schema) ?? ajv.compile(plain(schema) as object);
  compiled.set(schema, check);
  const causes = check(value) ? [] : (check.errors ?? []).map(causeOf);
  if (causes.length === 0) causes.push(...duplicates(schema, value, ''), ...brokenRules(schema, value, ''));
  return causes;
}

/** The dialect of Kubernetes in words that ajv has. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (!isJson(schema)) return schema;
  const words = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, plain(value)]));
  if (schema['x-kubernetes-int-or-string'] === true) return { ...words, type: ['integer', 'string'] };
  return words;
}

const REASONS: Readonly<Record<string, string>> = {
  required: 'FieldValueRequired',
  enum: 'FieldValueNotSupported',
  type: 'FieldValueTypeInvalid',
};

function causeOf({ keyword, instancePath, params, message = '' }: ErrorObject): Cause {
  const where = instancePath
    .slice(1)
    .split('/')
    .filter(part => part !== '')
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (keyword === 'required') where.push(String(params['missingProperty']));
  const field = where.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '');
  const reason = REASONS[keyword] ?? 'FieldValueInvalid';
  const said = keyword === 'required' ? 'Required value' : `Invalid value: ${message}`;
  return { reason, message: said, field };
}

const join = (path: string, part: string): string => (path ? `${path}.${part}` : part);

function* children(schema: Schema, value: unknown, path: string): Generator<[Schema, unknown, string]> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield [schema.items ?? {}, item, `${path}[${i}]`];
  else if (isJson(value))
    for (const [key, member] of Object.entries(value)) yield [childOf(schema, key) ?? {}, member, join(path, key)];
}

function duplicates(schema: Schema, value: unknown, path: string): Cause[] {
  const found: Cause[] = [];
  const keys = schema['x-kubernetes-list-map-keys'];
  const type = schema['x-kubernetes-list-type'];
  if (Array.isArray(value) && (type === 'map' || type === 'set')) {
    const names = value.map(item => (keys && isJson(item) ? keys.map(key => item[key]) : item));
    for (const [i, name] of names.entries())
      if (names.slice(0, i).some(other => same(other, name)))
        found.push({ reason: 'FieldValueDuplicate', message: 'Duplicate value', field: `${path}[${i}]` });
  }
  for (const [known, member, at] of children(schema, value, path)) found.push(...duplicates(known, member, at));
  return found;
}

const get = (self: unknown, key: string): unknown => (isJson(self) ? self[key] : undefined);
const has = (self: unknown, key: string): boolean => get(self, key) !== undefined;

/** CEL rules of our CRDs in TypeScript. An unknown one fails loudly: add it here when the contract gains one. */
const RULES: Readonly<Record<string, (self: unknown) => boolean>> = {
  "self != 'fax'": self => self !== 'fax',
  '!has(self.min) || !has(self.max) || self.min <= self.max': self =>
    !has(self, 'min') || !has(self, 'max') || Number(get(self, 'min')) <= Number(get(self, 'max')),
  'has(self.fullName) != (has(self.firstName) || has(self.lastName))': self =>
    has(self, 'fullName') !== (has(self, 'firstName') || has(self, 'lastName')),
  '!has(self.followMe) || !has(self.followMe.active) || !self.followMe.active || !has(self.permissions) || !has(self.permissions.followMe) || self.permissions.followMe':
    self => get(get(self, 'followMe'), 'active') !== true || get(get(self, 'permissions'), 'followMe') !== false,
};

function brokenRules(schema: Schema, value: unknown, path: string): Cause[] {
  const found: Cause[] = [];
  for (const { rule, message } of schema['x-kubernetes-validations'] ?? []) {
    const holds = RULES[rule];
    if (!holds) throw new Error(`The fake API server does not know the rule ${rule} (test/fake-apiserver/schema.ts)`);
    if (!holds(value))
      found.push({ reason: 'FieldValueInvalid', message: `Invalid value: ${message ?? rule}`, field: path });
  }
  for (const [known, member, at] of children(schema, value, path)) found.push(...brokenRules(known, member, at));
  return found;
}

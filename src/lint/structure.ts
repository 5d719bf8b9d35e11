import { isDeepStrictEqual } from 'node:util';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { brokenRules } from './rules.ts';
import { children, isJson, type Json, type Schema } from './schema.ts';
import { join, type Violation } from './violation.ts';

/** Whether an object is as its structural schema wants it, in the words and with the fields of the API server. */
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
ajv.addFormat('int64', true);
ajv.addFormat('int32', true);
ajv.addFormat('double', true);
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i);
const compiled = new WeakMap<Schema, ValidateFunction>();

/** Violations of the schema. */
export function violations(schema: Schema, value: Json): Violation[] {
  const check = compiled.get(schema) ?? ajv.compile(plain(schema) as object);
  compiled.set(schema, check);
  const causes = check(value) ? [] : (check.errors ?? []).map(violationOf);
  causes.push(...duplicates(schema, value, ''));
  // rules that read a value of the wrong type or size would say nothing that helps: the server leaves them, too
  if (!causes.some(({ reason }) => BLOCKING.has(reason))) causes.push(...brokenRules(schema, value, ''));
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

/** What keeps the server from looking at rules at all. */
const BLOCKING: ReadonlySet<string> = new Set([
  'FieldValueRequired',
  'FieldValueNotSupported',
  'FieldValueTypeInvalid',
  'FieldValueTooLong',
  'FieldValueTooMany',
]);

const REASONS: Readonly<Record<string, string>> = {
  required: 'FieldValueRequired',
  enum: 'FieldValueNotSupported',
  type: 'FieldValueTypeInvalid',
  maxLength: 'FieldValueTooLong',
  maxItems: 'FieldValueTooMany',
  maxProperties: 'FieldValueTooMany',
};

function violationOf({ keyword, instancePath, params, message = '' }: ErrorObject): Violation {
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

function duplicates(schema: Schema, value: unknown, path: string): Violation[] {
  const found: Violation[] = [];
  const keys = schema['x-kubernetes-list-map-keys'];
  const type = schema['x-kubernetes-list-type'];
  if (Array.isArray(value) && (type === 'map' || type === 'set')) {
    const names = value.map(item => (keys && isJson(item) ? keys.map(key => item[key]) : item));
    for (const [i, name] of names.entries())
      if (names.slice(0, i).some(other => isDeepStrictEqual(other, name)))
        found.push({ reason: 'FieldValueDuplicate', message: 'Duplicate value', field: `${path}[${i}]` });
  }
  for (const [known, member, at] of children(schema, value, path)) found.push(...duplicates(known, member, at));
  return found;
}

import { z } from 'zod';

/**
 * zod → structural schema of a CRD. What the API server does not accept (tried on 1.34) is changed here and
 * nowhere else: additionalProperties beside properties, safe-integer bounds, unions.
 */
type Schema = Record<string, unknown>;

const QUANTITY = {
  'x-kubernetes-int-or-string': true,
  pattern: '^([0-9]+(\\.[0-9]+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$',
  minimum: 0,
  maxLength: 32,
};

const DROPPED = new Set(['x-ringfleet-quantity', '$schema', 'id', '~standard']);

export function crdSchema(schema: z.ZodType): Schema {
  const raw = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' }) as Schema;
  const converted = convert(raw) as Schema;
  const properties = converted['properties'] as Record<string, Schema>;
  properties['apiVersion'] = { type: 'string' };
  properties['kind'] = { type: 'string' };
  properties['metadata'] = metadataSchema(properties['metadata'] ?? {});
  properties['status'] = { ...(properties['status'] ?? { type: 'object' }), default: { observedGeneration: -1 } };
  return { ...converted, required: ['metadata', 'spec'] };
}

/** Only the name may be constrained there. */
function metadataSchema(metadata: Schema): Schema {
  const name = (metadata['properties'] as Record<string, Schema> | undefined)?.['name'] ?? {};
  return { type: 'object', properties: { name } };
}

function convert(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(convert);
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as Schema;
  if (schema['x-ringfleet-quantity']) return { ...QUANTITY, description: schema['description'] };
  const result: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (DROPPED.has(key)) continue;
    if (key === 'additionalProperties' && (value === false || schema['properties'])) continue;
    if (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) continue;
    if (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) continue;
    if (key === 'propertyNames') continue;
    result[key] =
      key === 'properties'
        ? mapValues(value as Record<string, unknown>, convert)
        : key === 'default' || key === 'enum'
          ? value
          : convert(value);
  }
  if (result['type'] === 'integer') result['format'] = 'int64';
  if (result['type'] === 'string' && result['enum'] === undefined && result['maxLength'] === undefined)
    result['maxLength'] = 1024;
  return result;
}

function mapValues(record: Record<string, unknown>, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

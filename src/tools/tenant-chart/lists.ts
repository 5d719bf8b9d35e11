import { z } from 'zod';
import type { KindInfo } from '../../api/index.ts';
import { tenantKinds } from '../../api/tenant-kinds.ts';

/** The kinds of a tenant as values of its chart: an object for the Organization, a list for each other kind. */
export type Schema = Readonly<Record<string, unknown>>;

/** What an item of a list has beside the fields of its spec. */
const BESIDE = ['name', 'labels', 'annotations'];

const text = z.record(z.string(), z.string());
const LABELS = without(z.toJSONSchema(text.describe('Labels of this object.'))) as Schema;
const ANNOTATIONS = without(z.toJSONSchema(text.describe('Annotations of this object.'))) as Schema;

/** Kinds that come in lists, in the order of the table of kinds. */
export const listedKinds: readonly KindInfo[] = tenantKinds;

/** The value that has the objects of a kind: as its limit is called (`users`), else as its objects are (`locations`). */
export function listName({ kind, plural, limit }: KindInfo): string {
  if (limit) return limit.name;
  const own = kind.toLowerCase();
  const [first = '', ...rest] = plural.startsWith(own) ? kind + plural.slice(own.length) : plural;
  return first.toLowerCase() + rest.join('');
}

/** An item: its name, and the fields of the kind's spec beside it, as the API server would take them. */
export function itemSchema(info: KindInfo): Schema {
  const { spec, name } = parts(info);
  return {
    ...spec,
    description: info.description,
    properties: { name, ...(spec['properties'] as Schema), labels: LABELS, annotations: ANNOTATIONS },
    required: ['name', ...((spec['required'] as string[] | undefined) ?? [])],
  };
}

/** The Organization: its name is that of the namespace. */
export function organizationSchema(info: KindInfo): Schema {
  const { spec } = parts(info);
  return { ...spec, properties: { ...(spec['properties'] as Schema), labels: LABELS, annotations: ANNOTATIONS } };
}

function parts({ kind, schema }: KindInfo): { spec: Schema; name: unknown } {
  const whole = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  const { spec, metadata } = without(whole.properties) as Readonly<Record<string, Schema>>;
  const members = (spec?.['properties'] ?? {}) as Schema;
  const taken = BESIDE.filter(name => name in members);
  if (!spec || taken.length > 0) throw new TypeError(`The spec of ${kind} has a member of its own called ${taken}`);
  return { spec, name: ((metadata?.['properties'] ?? {}) as Schema)['name'] };
}

/** As the API server reads it (src/tools/crd-schema.ts). */
const QUANTITY = { pattern: '^([0-9]+(\\.[0-9]+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$', minimum: 0, maxLength: 32 };

/** A schema without what says nothing to Helm. */
function without(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(without);
  if (typeof node !== 'object' || node === null) return node;
  const known = Object.entries(node).filter(
    ([key, value]) => !key.startsWith('x-') && key !== '$schema' && key !== 'propertyNames' && !unbounded(key, value),
  );
  const schema = Object.fromEntries(known.map(([key, value]) => [key, without(value)]));
  return 'x-ringfleet-quantity' in node ? { ...schema, ...QUANTITY } : schema;
}

function unbounded(key: string, value: unknown): boolean {
  return (
    (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) || (key === 'maximum' && value === Number.MAX_SAFE_INTEGER)
  );
}

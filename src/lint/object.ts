import { crdSchema } from '../api/crd-schema.ts';
import { GROUP, kinds, VERSION } from '../api/index.ts';
import { metadataViolations, unknownMember, unreadableMetadata, unreadableTexts } from './metadata.ts';
import { fillDefaults, isJson, type Json, prune, type Schema } from './schema.ts';
import { violations } from './structure.ts';
import { invalidField, type Violation } from './violation.ts';

/**
 * Whether an API server that has our CRDs would take an object, and which fields it names when not. It goes by steps, as
 * the server does: what cannot be decoded is not checked any further. Kinds that are neither ours nor a Secret are taken.
 */
export function refusals(object: Json): Violation[] {
  const { apiVersion, kind } = object;
  if (typeof kind !== 'string' || kind === '') return [required('kind')];
  if (typeof apiVersion !== 'string' || apiVersion === '') return [required('apiVersion')];
  const schema = SCHEMAS.get(kind);
  if (apiVersion.startsWith(`${GROUP}/`) || schema) {
    if (apiVersion !== `${GROUP}/${VERSION}`) return [unknown('apiVersion', `${kind} is of ${GROUP}/${VERSION}`)];
    if (!schema)
      return [unknown('kind', `${GROUP}/${VERSION} has no such kind; it has ${[...SCHEMAS.keys()].join(', ')}`)];
    return ours(schema(), object);
  }
  return apiVersion === 'v1' && kind === 'Secret' ? secret(object) : [];
}

/** Made when they are asked for: a run reads a few kinds. */
const SCHEMAS: ReadonlyMap<string, () => Schema> = new Map(
  kinds.map(({ kind, schema }) => {
    let made: Schema | undefined;
    return [kind, () => (made ??= crdSchema(schema) as Schema)];
  }),
);

function ours(schema: Schema, object: Json): Violation[] {
  const unreadable = unreadableMetadata(object['metadata']);
  if (unreadable.some(({ reason }) => reason !== 'UnknownField')) return unreadable;
  const { metadata, ...rest } = structuredClone(object);
  const strange = prune(schema, rest).map(unknownMember);
  if (strange.length + unreadable.length > 0) return [...strange, ...unreadable];
  fillDefaults(schema, rest);
  return [...ofMetadata(object['kind'], metadata), ...violations(schema, { ...rest, metadata: metadata ?? {} })];
}

function ofMetadata(kind: unknown, metadata: unknown): Violation[] {
  const { name } = (metadata ?? {}) as { name?: unknown };
  if (typeof name !== 'string' || name === '') return [required('metadata.name')];
  return metadataViolations({ kind: String(kind), metadata: metadata as { name: string } });
}

const SECRET_MEMBERS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'data',
  'stringData',
  'type',
  'immutable',
]);

/** Violations never contain a value of the Secret. */
function secret(object: Json): Violation[] {
  const { metadata, data, stringData } = object;
  const unreadable = [
    ...unreadableMetadata(metadata),
    ...unreadableTexts('data', data),
    ...unreadableTexts('stringData', stringData),
  ];
  if (unreadable.some(({ reason }) => reason !== 'UnknownField')) return unreadable;
  const strange = Object.keys(object).flatMap(one => (SECRET_MEMBERS.has(one) ? [] : [unknownMember(one)]));
  if (strange.length + unreadable.length > 0) return [...strange, ...unreadable];
  const coded = isJson(data) ? Object.entries(data) : [];
  const plain = isJson(stringData) ? Object.keys(stringData) : [];
  const noBase64 = coded.filter(([, value]) => !BASE64.test(String(value ?? '')));
  if (noBase64.length > 0) return noBase64.map(([key]) => invalidField(`data.${key}`, 'not base64; or use stringData'));
  const keys = [...new Set([...coded.map(([key]) => key), ...plain])];
  const wrong = keys.filter(key => !/^[-._a-zA-Z0-9]{1,253}$/.test(key));
  return [
    ...ofMetadata('Secret', metadata),
    ...wrong.map(key => invalidField(`data[${key}]`, 'a key is of letters, digits and . _ -')),
  ];
}

const BASE64 = /^(?:[A-Za-z0-9+/\r\n]{4}|[\r\n])*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?[\r\n]*$/;

function required(field: string): Violation {
  return { reason: 'FieldValueRequired', message: 'Required value', field };
}

function unknown(field: string, message: string): Violation {
  return { reason: 'NotFound', message, field };
}

import { isJson } from './schema.ts';
import { invalidField, type Violation } from './violation.ts';

/** What every object's metadata must satisfy. */
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const MAX_ANNOTATIONS = 256 * 1024;
const LABEL_NAMES = new Set(['Service', 'Namespace']);

interface Named {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, unknown>> | undefined;
    readonly annotations?: Readonly<Record<string, unknown>> | undefined;
    readonly ownerReferences?: readonly object[] | undefined;
  };
}

export function metadataViolations({ kind, metadata }: Named): Violation[] {
  const found: Violation[] = [];
  const { name, labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  const [pattern, length] = LABEL_NAMES.has(kind) ? [DNS_LABEL, 63] : [DNS_SUBDOMAIN, 253];
  if (!pattern.test(name) || name.length > length)
    found.push(invalidField('metadata.name', `${JSON.stringify(name)}: a lowercase RFC 1123 name`));
  for (const [key, value] of Object.entries(labels)) {
    if (!LABEL_KEY.test(key)) found.push(invalidField('metadata.labels', JSON.stringify(key)));
    if (typeof value !== 'string' || !LABEL_VALUE.test(value))
      found.push(invalidField('metadata.labels', JSON.stringify(value)));
  }
  for (const [key, value] of Object.entries(annotations))
    if (!LABEL_KEY.test(key.toLowerCase()) || typeof value !== 'string')
      found.push(invalidField('metadata.annotations', JSON.stringify(key)));
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);
  if (size > MAX_ANNOTATIONS)
    found.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${MAX_ANNOTATIONS} bytes`,
      field: 'metadata.annotations',
    });
  for (const owner of ownerReferences)
    for (const member of ['apiVersion', 'kind', 'name', 'uid'])
      if (!(owner as Record<string, unknown>)[member])
        found.push(invalidField(`metadata.ownerReferences.${member}`, 'must not be empty'));
  return found;
}

const MEMBERS: ReadonlySet<string> = new Set([
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'name',
  'namespace',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
]);
const TEXTS = ['name', 'namespace', 'generateName'];

/** Why metadata cannot even be read: members of the wrong type, or that nobody knows. */
export function unreadableMetadata(metadata: unknown): Violation[] {
  if (metadata === undefined || metadata === null) return [];
  if (!isJson(metadata)) return [wrongType('metadata', 'an object')];
  const found = TEXTS.filter(member => typeof (metadata[member] ?? '') !== 'string').map(member =>
    wrongType(`metadata.${member}`, 'a text; put it in quotes'),
  );
  found.push(...['labels', 'annotations'].flatMap(member => unreadableTexts(`metadata.${member}`, metadata[member])));
  return found.length > 0
    ? found
    : Object.keys(metadata).flatMap(one => (MEMBERS.has(one) ? [] : unknownMember(`metadata.${one}`)));
}

/** YAML reads `pin: 1234` as a number, which an API server refuses where texts are by name. */
export function unreadableTexts(field: string, texts: unknown): Violation[] {
  if (texts === undefined || texts === null) return [];
  if (!isJson(texts)) return [wrongType(field, 'texts by name')];
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof (value ?? '') === 'string' ? [] : [wrongType(`${field}.${key}`, 'a text; put it in quotes')],
  );
}

export function unknownMember(field: string): Violation {
  return { reason: 'UnknownField', message: 'there is no such field', field };
}

function wrongType(field: string, wanted: string): Violation {
  return { reason: 'FieldValueTypeInvalid', message: `must be ${wanted}`, field };
}

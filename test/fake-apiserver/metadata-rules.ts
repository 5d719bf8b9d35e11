import { type Cause, invalidField } from './answers.ts';
import type { Kind } from './kinds.ts';
import type { Obj } from './object.ts';

/** What every object's metadata must satisfy. */
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const MAX_ANNOTATIONS = 256 * 1024;
const LABEL_NAMES = new Set(['Service', 'Namespace']);

export function metadataViolations({ kind }: Kind, { metadata }: Obj): Cause[] {
  const causes: Cause[] = [];
  const { name, labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  const [pattern, length] = LABEL_NAMES.has(kind) ? [DNS_LABEL, 63] : [DNS_SUBDOMAIN, 253];
  if (!pattern.test(name) || name.length > length)
    causes.push(invalidField('metadata.name', `${JSON.stringify(name)}: a lowercase RFC 1123 name`));
  for (const [key, value] of Object.entries(labels)) {
    if (!LABEL_KEY.test(key)) causes.push(invalidField('metadata.labels', JSON.stringify(key)));
    if (typeof value !== 'string' || !LABEL_VALUE.test(value))
      causes.push(invalidField('metadata.labels', JSON.stringify(value)));
  }
  for (const [key, value] of Object.entries(annotations))
    if (!LABEL_KEY.test(key.toLowerCase()) || typeof value !== 'string')
      causes.push(invalidField('metadata.annotations', JSON.stringify(key)));
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);
  if (size > MAX_ANNOTATIONS)
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${MAX_ANNOTATIONS} bytes`,
      field: 'metadata.annotations',
    });
  for (const [i, owner] of ownerReferences.entries())
    if (!owner.uid || !owner.name || !owner.kind)
      causes.push(invalidField(`metadata.ownerReferences[${i}]`, 'uid, name and kind must not be empty'));
  return causes;
}

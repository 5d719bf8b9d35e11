import { z } from 'zod';

/**
 * Pieces that several kinds share. Rules of the whole contract: every string that can reach Asterisk has an allow-list
 * pattern and a length, every list a bound and a list type, every field a description; only RE2 syntax in patterns.
 */

const E164 = '^\\+[1-9][0-9]{6,14}$';
export const DNS_LABEL = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
const SUBDOMAIN = '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$';
const HOST = '^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$';
const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = `(${OCTET}\\.){3}${OCTET}`;
const GROUP = '[0-9a-fA-F]{1,4}';
/** RFC 4291 §2.2: eight groups, or fewer with `::` for the zeros that are left out, wherever it stands. */
const IPV6 = `((${GROUP}:){7}${GROUP}|(${GROUP}:){1,7}:|${[1, 2, 3, 4, 5, 6]
  .map(before => `(${GROUP}:){1,${before}}(:${GROUP}){1,${7 - before}}`)
  .join('|')}|:((:${GROUP}){1,7}|:))`;
const KEY = '^[-._a-zA-Z0-9]+$';
const PERSON = "^[\\p{L}\\p{M}\\p{N}][\\p{L}\\p{M}\\p{N} .,'’()\\-_&/]*$";

/**
 * What holds of a value that is read from a Secret, wherever one is (core/checks/secrets.ts).
 */
export const SECRET_TEXT = 'One line break at the end does not count';

/** A string with a pattern and a length: the only kind of string this API has. */
export function text(pattern: string, max: number, description: string): z.ZodString {
  return z.string().max(max).regex(new RegExp(pattern, 'u')).describe(description);
}

export function words<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  return z.enum(values).describe(description);
}

export function whole(min: number, max: number, description: string): z.ZodNumber {
  return z.number().int().min(min).max(max).describe(`${description} (${min}–${max}).`);
}

export function yesNo(description: string): z.ZodBoolean {
  return z.boolean().describe(description);
}

/** A list whose order counts and that is replaced whole. */
export function ordered<T extends z.ZodType>(item: T, max: number, description: string): z.ZodArray<T> {
  return z.array(item).max(max).meta({ description, 'x-kubernetes-list-type': 'atomic' });
}

/** A list whose elements are edited one by one, by a key. */
export function keyed<T extends z.ZodType>(item: T, keys: string[], max: number, description: string): z.ZodArray<T> {
  return z
    .array(item)
    .max(max)
    .meta({ description, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
}

/** Exactly one member; never with a default, which the server would add beside the user's choice. */
export function choice<T extends z.ZodRawShape>(members: T, description: string) {
  const hint = 'Exactly one member; to change it with a merge patch, set the old one to null.';
  return z
    .strictObject(members)
    .refine(
      value => Object.values(value).filter(member => member !== undefined).length === 1,
      'must have exactly one member',
    )
    .meta({ description: `${description} ${hint}`, minProperties: 1, maxProperties: 1 });
}

const objectName = (what: string) => text(SUBDOMAIN, 253, `Name of ${what} in this namespace.`);

export function reference(what: string) {
  return z.strictObject({ name: objectName(`the ${what}`) }).describe(`The ${what}, by name.`);
}

export function secretReference(use: string) {
  return z.strictObject({ name: objectName('the Secret') }).describe(`Secret with ${use}.`);
}

export function secretKey(use: string) {
  return z
    .strictObject({ name: objectName('the Secret'), key: text(KEY, 253, 'Key in the Secret.') })
    .describe(`Key of a Secret that holds ${use}.`);
}

export const e164 = (description: string) => text(E164, 16, `${description} E.164, e.g. +442079460000.`);
export const numberPattern = (description: string) => text('^(\\+[0-9]{1,15}\\*?|Anonymous)$', 20, description);
export const extension = (description: string) => text('^[0-9]{2,8}$', 8, description);
export const hostname = (description: string) => text(HOST, 253, description);
export const url = (description: string) =>
  text('^(https|http|wss|ws)://[A-Za-z0-9._~:/?#@!$&()*+,=%-]+$', 1024, description);
export const cidr = (description: string) =>
  text(
    `^(${IPV4}(/(3[0-2]|[12]?[0-9]))?|${IPV6}(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$`,
    49,
    `${description} An address or network without a port, e.g. 203.0.113.0/24.`,
  );
export const country = (description: string) => text('^[A-Z]{2}$', 2, `${description} ISO 3166-1 alpha-2.`);
export const timezone = (description: string) =>
  text('^[A-Za-z0-9_+/-]+$', 64, `${description} IANA name, e.g. Europe/London.`);
export const language = (description: string) =>
  text('^[a-z]{2,3}(-[A-Z]{2})?$', 6, `${description} BCP 47, e.g. en or en-GB.`);
export const email = (description: string) =>
  text("^[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*$", 254, description);
export const personName = (description: string) => text(PERSON, 64, description);
export const sipWord = (description: string) => text('^[A-Za-z0-9._+-]*$', 64, description);
export const label = (description: string) => text('^[A-Za-z0-9._/-]*$', 316, description);
export const clockTime = (description: string) => text('^([01][0-9]|2[0-3]):[0-5][0-9]$', 5, `${description} HH:MM.`);

/** A Kubernetes quantity: `50Gi`, or bytes as an integer. */
export function quantity(description: string) {
  return z
    .union([z.string(), z.number()])
    .meta({ description: `${description} Quantity, e.g. 50Gi.`, 'x-ringfleet-quantity': true });
}

export function stringMap(description: string, max = 64) {
  return z.record(z.string().max(316), z.string().max(4096)).meta({ description, maxProperties: max });
}

export const codecs = ordered(
  z.enum(['g722', 'alaw', 'ulaw', 'gsm', 'opus', 'g729']).describe('A codec.'),
  6,
  'Codecs, the preferred one first. Inherited; built-in g722, alaw, ulaw. opus and g729 cannot be converted and are not offered.',
);
export const dtmf = words(['RFC4733', 'Info', 'Inband', 'Auto'], 'How keys are sent. Default RFC4733.');
export const sessionTimers = words(
  ['Never', 'Accept', 'Required'],
  'SIP session timers (RFC 4028), by which a call ends whose other side is gone. Default Accept: a phone is asked within 8 minutes, a carrier if it wishes so. Where nobody asks, 15 minutes without a packet end the call, also of one who is muted.',
);
export const mediaEncryption = words(['Disable', 'Allow', 'Require'], 'SRTP with keys in the SDP. Default Disable.');

/** metav1.Condition. */
const condition = z
  .object({
    type: z.string().max(316).describe('Kind of condition.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
    reason: z.string().max(1024).describe('Why, as one word.'),
    message: z.string().max(32768).optional().describe('Why, for people, and what to do.'),
    lastTransitionTime: z
      .string()
      .max(64)
      .describe('When the status last changed (RFC 3339).')
      .meta({ format: 'date-time' }),
    observedGeneration: z.number().int().optional().describe('Generation of the spec that this is about.'),
  })
  .describe('One aspect of the state.');

/** What every status has. */
export const statusBase = {
  observedGeneration: z
    .number()
    .int()
    .optional()
    .describe('Generation of the spec that the status is about; -1 before the first look.'),
  conditions: keyed(condition, ['type'], 32, 'Aspects of the state; Ready first of all.').optional(),
};

interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean | undefined;
  blockOwnerDeletion?: boolean | undefined;
}

export interface ObjectMeta {
  name: string;
  namespace?: string | undefined;
  uid?: string | undefined;
  generation?: number | undefined;
  resourceVersion?: string | undefined;
  creationTimestamp?: string | undefined;
  deletionTimestamp?: string | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  ownerReferences?: OwnerReference[] | undefined;
}

/** Only the name may be constrained in a CRD's metadata; the rest is the server's. */
export function metadata(pattern: string, max: number) {
  return z
    .looseObject({ name: z.string().max(max).regex(new RegExp(pattern)).describe('Name of the object.') })
    .describe('Standard metadata.') as unknown as z.ZodType<ObjectMeta>;
}

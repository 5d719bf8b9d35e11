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

/** Said of every value that is read from a Secret (core/checks/secrets.ts). */
export const SECRET_TEXT = 'one line break at the end of a value is ignored';

/** Said of a field whose behaviour is still to come: the object then has the condition NotImplementedYet. */
export const NO_EFFECT = 'Accepted, but has no effect in this release.';

/** Said of a member of a status that is never written yet. */
export const NOT_REPORTED = 'Not reported in this release.';

/** Where a setting of a user comes from that the user's own spec does not have. */
export const inherited = (builtIn: string) =>
  `If unset, it is taken from userDefaults of the Organization, then of its OrganizationClass, then defaults to ${builtIn}.`;

/** A string with a pattern and a length: the only kind of string this API has. */
export function text(pattern: string, max: number, description: string): z.ZodString {
  return z.string().max(max).regex(new RegExp(pattern, 'u')).describe(description);
}

/** One of several values. */
export function enumOf<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  return z.enum(values).describe(description);
}

/** A whole number; the description ends with its range. */
export function integer(min: number, max: number, description: string): z.ZodNumber {
  return z.number().int().min(min).max(max).describe(`${description} Range: ${min} to ${max}.`);
}

export function bool(description: string): z.ZodBoolean {
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
  const hint = 'Set exactly one member. A merge patch that sets another one must set the old one to null.';
  return z
    .strictObject(members)
    .refine(
      value => Object.values(value).filter(member => member !== undefined).length === 1,
      'must have exactly one member',
    )
    .meta({ description: `${description} ${hint}`, minProperties: 1, maxProperties: 1 });
}

/** The name of an object in the namespace of whoever refers to it. */
export function objectName(kind: string): z.ZodString {
  const article = /^[AEIOU]/.test(kind) ? 'an' : 'a';
  return text(SUBDOMAIN, 253, `Name of ${article} ${kind} in the same namespace.`);
}

/** A reference to an object in the same namespace. */
export function reference(kind: string, description: string) {
  return z.strictObject({ name: objectName(kind) }).describe(description);
}

/** A Secret in the same namespace. `use`: what it has to have. */
export function secretReference(use: string) {
  return z.strictObject({ name: objectName('Secret') }).describe(`Secret in the same namespace with ${use}.`);
}

/** One key of a Secret in the same namespace. `use`: what it holds. */
export function secretKey(use: string) {
  return z
    .strictObject({ name: objectName('Secret'), key: text(KEY, 253, 'Key in the data of the Secret.') })
    .describe(`Key of a Secret in the same namespace that holds ${use}.`);
}

export const e164 = (description: string) =>
  text(E164, 16, `${description} In E.164 format, for example +442079460000.`);
export const numberPattern = (description: string) => text('^(\\+[0-9]{1,15}\\*?|Anonymous)$', 20, description);
export const extension = (description: string) => text('^[0-9]{2,8}$', 8, description);
export const hostname = (description: string) => text(HOST, 253, description);
export const url = (description: string) =>
  text('^(https|http|wss|ws)://[A-Za-z0-9._~:/?#@!$&()*+,=%-]+$', 1024, description);
export const cidr = (description: string) =>
  text(
    `^(${IPV4}(/(3[0-2]|[12]?[0-9]))?|${IPV6}(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$`,
    49,
    `${description} An IP address or CIDR without a port, for example 203.0.113.0/24.`,
  );
export const country = (description: string) =>
  text('^[A-Z]{2}$', 2, `${description} Two letters, as in ISO 3166-1 alpha-2, for example GB.`);
export const timezone = (description: string) =>
  text('^[A-Za-z0-9_+/-]+$', 64, `${description} IANA name, for example Europe/London.`);
export const language = (description: string) =>
  text('^[a-z]{2,3}(-[A-Z]{2})?$', 6, `${description} BCP 47 tag, for example en or en-GB.`);
export const email = (description: string) =>
  text("^[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*$", 254, description);
export const personName = (description: string) => text(PERSON, 64, description);
export const sipWord = (description: string) => text('^[A-Za-z0-9._+-]*$', 64, description);
export const label = (description: string) => text('^[A-Za-z0-9._/-]*$', 316, description);
export const clockTime = (description: string) =>
  text('^([01][0-9]|2[0-3]):[0-5][0-9]$', 5, `${description} As HH:MM, 24 hours.`);

/** A Kubernetes quantity: `50Gi`, or bytes as an integer. */
export function quantity(description: string) {
  return z
    .union([z.string(), z.number()])
    .meta({ description: `${description} A Kubernetes quantity, for example 50Gi.`, 'x-ringfleet-quantity': true });
}

export function stringMap(description: string, max = 64) {
  return z.record(z.string().max(316), z.string().max(4096)).meta({ description, maxProperties: max });
}

/** The last sentence of the following says what holds where the field is not set. */
export const codecs = (otherwise: string) =>
  ordered(
    z.enum(['g722', 'alaw', 'ulaw', 'gsm', 'opus', 'g729']).describe('Name of a codec, as Asterisk calls it.'),
    6,
    `Audio codecs to offer, the preferred one first. opus and g729 are not offered, because Asterisk cannot transcode them here. ${otherwise}`,
  );
export const dtmf = (otherwise: string) =>
  enumOf(
    ['RFC4733', 'Info', 'Inband', 'Auto'],
    `How key presses (DTMF) are sent. RFC4733: as RTP events; Info: in SIP INFO requests; Inband: as tones in the audio; Auto: RFC4733 where the other side supports it, otherwise Info. ${otherwise}`,
  );
export const sessionTimers = (otherwise: string) =>
  enumOf(
    ['Never', 'Accept', 'Required'],
    `SIP session timers (RFC 4028), which end a call whose other side has disappeared. Never: they are not used. Accept: a phone is checked within 8 minutes, a carrier only if it asks for it. Required: a call without them is refused. Where the other side is not checked, a call ends after 15 minutes without an RTP packet, even if it is only muted. ${otherwise}`,
  );
export const mediaEncryption = (otherwise: string) =>
  enumOf(
    ['Disable', 'Allow', 'Require'],
    `Encryption of audio by SRTP, with keys in the SDP (SDES). Allow: used when the other side offers it. Require: calls without it fail. ${otherwise}`,
  );

/** metav1.Condition. */
const condition = z
  .object({
    type: z.string().max(316).describe('Type of the condition, in CamelCase.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Status of the condition: True, False or Unknown.'),
    reason: z.string().max(1024).describe('Reason for the status, one word in CamelCase that programs can rely on.'),
    message: z
      .string()
      .max(32768)
      .optional()
      .describe('Explanation for people: what is wrong, and what to do about it.'),
    lastTransitionTime: z
      .string()
      .max(64)
      .describe('Time at which the status last changed, as in RFC 3339.')
      .meta({ format: 'date-time' }),
    observedGeneration: z.number().int().optional().describe('The metadata.generation that the condition is about.'),
  })
  .describe('One aspect of the state of the object, as in metav1.Condition.');

/** What every status has. */
export const statusBase = {
  observedGeneration: z
    .number()
    .int()
    .optional()
    .describe('The metadata.generation that this status is about; -1 until the operator has seen the object.'),
  conditions: keyed(
    condition,
    ['type'],
    32,
    'Conditions of the object. Ready says whether it is in service; Stalled, that it stays out of service until somebody changes something.',
  ).optional(),
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
    .looseObject({
      name: z
        .string()
        .max(max)
        .regex(new RegExp(pattern))
        .describe('Name of the object, unique among those of its kind.'),
    })
    .describe('Standard metadata of a Kubernetes object.') as unknown as z.ZodType<ObjectMeta>;
}

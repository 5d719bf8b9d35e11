import type { Finding } from '../finding.ts';

/** Settings without effect yet that a user may also inherit from an Organization or a class. */
export const INHERITABLE = [
  'ring.target.phone',
  'ring.target.bot',
  'ring.doNotDisturb',
  'ring.alertInfo',
  'ring.forwardAll',
  'ring.callWaiting=false',
  'voicemail.notify.email',
  'voicemail.notify.format!',
  'voicemail.notify.attach!',
  'voicemail.notify.transcript',
  'voicemail.greeting',
  'voicemail.directoryName',
  'recording.calls',
  'recording.neverInternal',
  'sip.aliases',
  'sip.transport=TLS',
  'sip.transport=WSS',
  'sip.webrtc',
];

/** Values that the schema sets by default, so that they do not mean that the user asked for something. */
const HARMLESS: ReadonlySet<string> = new Set(['None', 'E164']);

/** Default values of the schema for single fields. */
const DEFAULTS: Readonly<Record<string, unknown>> = { 'servers.priority': 10, 'servers.weight': 1 };

/** A parsed entry. Parsed once, because thousands of objects are checked for each. */
interface Asked {
  readonly path: readonly string[];
  readonly violation: Finding;
  readonly counts: (value: unknown) => boolean;
}

function askedBy(entry: string): Asked {
  const [name = '', wanted] = entry.split('=');
  const path = name.replace('!', '');
  const field = `spec.${path}`;
  const message = `${field} is accepted, but has no effect in this release; remove it, or wait for a later release`;
  const violation = { reason: 'NotImplementedYet', field, message };
  if (wanted !== undefined) return { path: path.split('.'), violation, counts: value => String(value) === wanted };
  if (name.endsWith('!')) return { path: path.split('.'), violation, counts: () => true };
  return { path: path.split('.'), violation, counts: value => value !== DEFAULTS[path] && asks(value) };
}

/**
 * Fields of the API whose behaviour is still to come. Setting one is no mistake, but it must not be silent: the object
 * says `NotImplementedYet` and names the field. An entry is a path (a value that asks for nothing, such as false, empty
 * or `None`, does not count), `path=value`, or `path!` (any value counts). test/fields.test.ts walks the schemas.
 */
export function fieldsToCome(entries: readonly string[]): (spec: object) => readonly Finding[] {
  const all = entries.map(askedBy);
  return spec => all.filter(({ path, counts }) => anyAt(spec, path, 0, counts)).map(({ violation }) => violation);
}

/** Whether something counts that stands at a path, in any element of a list on the way. */
function anyAt(value: unknown, path: readonly string[], step: number, counts: (value: unknown) => boolean): boolean {
  if (value === undefined || value === null) return false;
  const member = path[step];
  if (member === undefined) return counts(value);
  if (Array.isArray(value)) return value.some(item => anyAt(item, path, step, counts));
  return typeof value === 'object' && anyAt((value as Record<string, unknown>)[member], path, step + 1, counts);
}

function asks(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return false;
  if (typeof value === 'string') return !HARMLESS.has(value);
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

import { Memo } from '../memo.ts';
import type { Problem } from '../verdict.ts';

/**
 * Fields of the API whose behaviour is still to come. Setting one is no mistake, but it must not be silent: the object
 * says `NotImplementedYet` and names the field. An entry is a path (a value that asks for nothing, such as false, empty
 * or `None`, does not count), `path=value`, or `path!` (any value counts). test/fields.test.ts walks the schemas.
 */
const INHERITABLE = [
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

const NOT_YET: Readonly<Record<string, readonly string[]>> = {
  OrganizationClass: INHERITABLE.map(entry => `defaults.userDefaults.${entry}`),
  Organization: [
    ...INHERITABLE.map(entry => `userDefaults.${entry}`),
    'limits.queues!',
    'limits.monthlyMinutes!',
    'limits.storage!',
    'features.recording',
    'features.webhooks',
    'features.callRecording',
    'features.conference',
    'features.ivr',
    'features.aiAgent',
    'compliance.recordingConsent!',
    'compliance.consentAudio',
    'compliance.retention',
    'compliance.piiMasking!',
    'location.timezone!',
    'location.language!',
    'smtp',
    'transcription',
    'recordings',
    'tls',
    'webhooks',
    'blocklist',
    'parking!',
    'dialing.premium!',
    'dialing.blockedCountries',
    'dialing.minutesPerUserPerDay',
  ],
  SipUser: [
    ...INHERITABLE,
    'additionalExtensions',
    'role=Owner',
    'role=Admin',
    'role=Supervisor',
    'role=Receptionist',
    'followMe!',
    'callerId.byCountry',
    'permissions.followMe!',
    'permissions.adHocRecording',
    'permissions.monitorOthers',
    'pickupGroups',
    'musicOnHold',
    'emergency.enabled!',
  ],
  Trunk: [
    'servers.priority',
    'servers.weight',
    'inbound.numberFormat',
    'outbound.failoverOn',
    'limits.callsPerSecond',
    'tls.caSecretRef',
    'tls.verify!',
    'transport=TLS',
  ],
  PhoneNumber: ['country!'],
  Location: ['timezone!', 'language!', 'areaCode', 'emergency.enabled=false', 'emergency.notify', 'emergency.address'],
};

/** Defaults of the schema: a user who wrote nothing asked for nothing. */
const HARMLESS: ReadonlySet<string> = new Set(['None', 'E164']);

/** Turned off, these say the same as in this release anyway; and the schema's defaults of a server. */
const DEFAULTS: Readonly<Record<string, unknown>> = { 'servers.priority': 10, 'servers.weight': 1 };

const told = new Memo<object, readonly Problem[]>();

export function notYet(kind: string, spec: object): readonly Problem[] {
  return told.of(spec, [kind], () => findNotYet(kind, spec));
}

function findNotYet(kind: string, spec: object): Problem[] {
  return (NOT_YET[kind] ?? [])
    .filter(entry => isAskedFor(spec, entry))
    .map(entry => {
      const field = `spec.${entry.split('=')[0]?.replace('!', '')}`;
      return {
        reason: 'NotImplementedYet',
        field,
        message: `${field} is accepted but has no effect in this release; remove it or wait for a later one`,
      };
    });
}

function isAskedFor(spec: unknown, entry: string): boolean {
  const [path = '', wanted] = entry.split('=');
  const values = valuesAt(spec, path.replace('!', '').split('.'));
  if (wanted !== undefined) return values.some(value => String(value) === wanted);
  if (path.endsWith('!')) return values.length > 0;
  return values.some(value => value !== DEFAULTS[path] && asks(value));
}

/** What stands at a path, in every element of a list on the way. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [member, ...rest] = path;
  if (value === undefined || value === null) return [];
  if (member === undefined) return [value];
  if (Array.isArray(value)) return value.flatMap(item => valuesAt(item, path));
  return typeof value === 'object' ? valuesAt((value as Record<string, unknown>)[member], rest) : [];
}

function asks(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return false;
  if (typeof value === 'string') return !HARMLESS.has(value);
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

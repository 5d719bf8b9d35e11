import { Memo } from '../memo.ts';
import type { Problem } from '../verdict.ts';

/**
 * Fields of the API whose behaviour is still to come. Setting one is no mistake, but it must not be silent: the object
 * says `NotImplementedYet` and names the field. A value that asks for nothing (false, empty, `None`) does not count.
 */
const NOT_YET: Readonly<Record<string, readonly string[]>> = {
  OrganizationClass: [],
  Organization: [
    'allowed.reserved',
    'smtp',
    'transcription',
    'recordings',
    'tls',
    'webhooks',
    'blocklist',
    'parking',
    'dialing.premium',
    'dialing.blockedCountries',
    'dialing.minutesPerUserPerDay',
    'userDefaults.recording.calls',
    'exposure.signalling.hostNetwork',
  ],
  SipUser: [
    'additionalExtensions',
    'ring.target.phone',
    'ring.target.bot',
    'ring.doNotDisturb',
    'ring.alertInfo',
    'ring.forwardAll',
    'ring.callWaiting=false',
    'followMe.active',
    'voicemail.notify.email',
    'voicemail.notify.transcript',
    'voicemail.greeting',
    'voicemail.directoryName',
    'callerId.byCountry',
    'recording.calls',
    'recording.neverInternal',
    'permissions.adHocRecording',
    'permissions.monitorOthers',
    'pickupGroups',
    'musicOnHold',
    'sip.aliases',
    'sip.transport=TLS',
    'sip.transport=WSS',
    'sip.webrtc',
  ],
  Trunk: ['inbound.numberFormat', 'outbound.failoverOn', 'limits.callsPerSecond', 'tls.caSecretRef', 'transport=TLS'],
  PhoneNumber: [],
  Location: ['emergency.notify', 'emergency.address', 'areaCode'],
};

/** Defaults of the schema: a user who wrote nothing asked for nothing. */
const HARMLESS: ReadonlySet<string> = new Set(['None', 'E164', 'Deny']);

const told = new Memo<object, readonly Problem[]>();

export function notYet(kind: string, spec: object): readonly Problem[] {
  return told.of(spec, [kind], () => findNotYet(kind, spec));
}

function findNotYet(kind: string, spec: object): Problem[] {
  return (NOT_YET[kind] ?? [])
    .filter(entry => isAskedFor(spec, entry))
    .map(entry => {
      const field = `spec.${entry.split('=')[0]}`;
      return {
        reason: 'NotImplementedYet',
        field,
        message: `${field} is accepted but has no effect in this release; remove it or wait for a later one`,
      };
    });
}

function isAskedFor(spec: unknown, entry: string): boolean {
  const [path = '', wanted] = entry.split('=');
  let value = spec;
  for (const member of path.split('.')) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Record<string, unknown>)[member];
  }
  if (wanted !== undefined) return String(value) === wanted;
  return asks(value);
}

function asks(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return false;
  if (typeof value === 'string') return !HARMLESS.has(value);
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

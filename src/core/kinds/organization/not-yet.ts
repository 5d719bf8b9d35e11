import { fieldsToCome, INHERITABLE } from '../../checks/not-yet.ts';

/** Paths in the spec; their descriptions say so, too. */
export const TO_COME: readonly string[] = [
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
  'dialing.blockedCountries',
  'dialing.minutesPerUserPerDay',
];

export const notYet = fieldsToCome(TO_COME);

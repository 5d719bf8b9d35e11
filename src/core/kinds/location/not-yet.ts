import { fieldsToCome } from '../../checks/not-yet.ts';

/** Paths in the spec; their descriptions say so, too. */
export const TO_COME: readonly string[] = [
  'timezone!',
  'language!',
  'emergency.enabled=false',
  'emergency.notify',
  'emergency.address',
];

export const notYet = fieldsToCome(TO_COME);

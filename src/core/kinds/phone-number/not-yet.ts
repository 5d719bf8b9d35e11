import { fieldsToCome } from '../../checks/not-yet.ts';

/** Paths in the spec; their descriptions say so, too. */
export const TO_COME: readonly string[] = ['country!'];

export const notYet = fieldsToCome(TO_COME);

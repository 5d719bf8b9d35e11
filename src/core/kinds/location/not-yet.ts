import { fieldsToCome } from '../../checks/not-yet.ts';

export const notYet = fieldsToCome([
  'timezone!',
  'language!',
  'emergency.enabled=false',
  'emergency.notify',
  'emergency.address',
]);

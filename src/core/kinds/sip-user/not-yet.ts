import { fieldsToCome, INHERITABLE } from '../../checks/not-yet.ts';

/** Paths in the spec; their descriptions say so, too. */
export const TO_COME: readonly string[] = [
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
];

export const notYet = fieldsToCome(TO_COME);

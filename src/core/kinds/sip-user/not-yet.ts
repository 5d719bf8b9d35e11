import { fieldsToCome, INHERITABLE } from '../../checks/not-yet.ts';

export const notYet = fieldsToCome([
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
]);

import { fieldsToCome } from '../../checks/not-yet.ts';

export const notYet = fieldsToCome([
  'servers.priority',
  'servers.weight',
  'inbound.numberFormat',
  'outbound.failoverOn',
  'limits.callsPerSecond',
  'tls.caSecretRef',
  'tls.verify!',
  'transport=TLS',
]);

import { fieldsToCome } from '../../checks/not-yet.ts';

/** Paths in the spec; their descriptions say so, too. */
export const TO_COME: readonly string[] = [
  'servers.priority',
  'servers.weight',
  'inbound.numberFormat',
  'outbound.failoverOn',
  'limits.callsPerSecond',
  'tls.caSecretRef',
  'tls.verify!',
  'transport=TLS',
];

export const notYet = fieldsToCome(TO_COME);

import type { Finding } from './finding.ts';
import type { EvaluatedUser } from './kinds/sip-user/resolve.ts';
import { effectiveDefaults, type Tenant } from './tenant.ts';

/**
 * TCP connections that one Asterisk can have open at a time: 1,020 of pjproject's 1,024 handles, whatever the limits of the
 * process (measured: Asterisk 22 of Debian, test/calls/facts/connections.test.ts).
 */
export const MOST_CONNECTIONS = 1_020;

/**
 * Warns when more phones use TCP than one Asterisk has connections for, assuming at least one phone for each user. Where TCP is
 * the default transport, users who may still be created (up to the limit) count as well.
 */
export function tcpPhones(tenant: Tenant, users: readonly EvaluatedUser[]): Finding[] {
  const served = users.flatMap(({ resolved }) => (resolved ? [resolved.sip.transport] : []));
  const now = served.filter(transport => transport === 'TCP').length;
  if (now > MOST_CONNECTIONS) return [warning(`${now} users have phones on TCP (sip.transport)`)];
  if (effectiveDefaults(tenant).sip.transport !== 'TCP') return [];
  const promised = tenant.limits.users - (served.length - now);
  if (promised <= MOST_CONNECTIONS) return [];
  return [warning(`Phones use TCP by userDefaults.sip.transport, and limits.users allows ${promised} of them`)];
}

function warning(what: string): Finding {
  const message = `${what}, but the PBX can have ${MOST_CONNECTIONS} TCP connections at a time, including those of trunks: phones beyond that cannot register. Let phones use UDP, or split the organization`;
  return { reason: 'TooManyTcpPhones', field: 'spec.userDefaults.sip.transport', message };
}

import type { AgentReport } from '../../api/report.ts';
import { MOST_CONNECTIONS } from '../tcp-phones.ts';
import type { Wanted } from './conditions.ts';

const SCARCE = 0.8 * MOST_CONNECTIONS;

/** Warns that TCP connections are running out, and says whether registered phones use them or somebody else. */
export function connectionPressure({ tcpConnections = 0, contacts }: AgentReport): Wanted[] {
  if (tcpConnections < SCARCE) return [];
  const phones = Object.values(contacts)
    .flat()
    .filter(({ transport }) => transport === 'TCP').length;
  const whose =
    phones >= SCARCE
      ? 'have phones use UDP (sip.transport)'
      : `only ${phones} are of registered phones: let only your networks reach the TCP port, and restart the PBX when it has no calls, since Asterisk closes no connection that sent it a request`;
  const message = `About ${tcpConnections} of ${MOST_CONNECTIONS} TCP connections of the PBX are open; when all are, no phone or trunk connects by TCP, and those on UDP do. ${whose[0]?.toUpperCase()}${whose.slice(1)}`;
  return [{ type: 'ConnectionPressure', status: 'True', reason: 'NearLimit', message }];
}

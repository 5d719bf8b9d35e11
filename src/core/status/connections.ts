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
      ? 'let phones use UDP (sip.transport)'
      : `only ${phones} belong to registered phones: allow the TCP port from your own networks only, and restart the PBX when it has no calls, since Asterisk does not close a connection over which a request came`;
  const message = `About ${tcpConnections} of ${MOST_CONNECTIONS} TCP connections of the PBX are open; when all are, phones and trunks cannot connect by TCP any more, only by UDP. ${whose[0]?.toUpperCase()}${whose.slice(1)}`;
  return [{ type: 'ConnectionPressure', status: 'True', reason: 'NearLimit', message }];
}

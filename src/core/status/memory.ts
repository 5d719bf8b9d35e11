import type { AgentReport } from '../../api/report.ts';
import { endpointId, ROTATE_PASSWORD } from '../names.ts';
import type { TenantSnapshot } from '../snapshot.ts';
import type { Wanted } from './conditions.ts';

const REFUSED = {
  Calls: {
    reason: 'CallsRefused',
    what: 'new calls get 503 and new subscriptions to extensions 404; calls for help, running calls and registrations go on',
  },
  Lamps: {
    reason: 'LampsRefused',
    what: 'new subscriptions to extensions (lamps) get 404; calls, registrations and lamps that are lit go on',
  },
} as const;

/** The PBX is, or was within ten minutes, so near to its limit of memory that it refused something. */
export function memoryPressure(
  { memoryPressure: pressure }: AgentReport,
  organization: string,
  users: TenantSnapshot['objects']['SipUser'],
): Wanted[] {
  if (!pressure) return [];
  const { reason, what } = REFUSED[pressure.refused];
  const watcher = users.find(({ spec }) => endpointId(organization, spec.extension) === pressure.watcher);
  const remedy = watcher
    ? `SipUser ${watcher.metadata.name} watches more than 300 extensions: if that is not meant, annotate it with ${ROTATE_PASSWORD}, or set enabled: false`
    : 'If that is no attack, give the PBX more memory (pbx.resources of its OrganizationClass)';
  const message = `The PBX has come near to its limit of memory within the last ten minutes. While it is, ${what}. ${remedy}`;
  return [{ type: 'MemoryPressure', status: 'True', reason, message }];
}

import type { AgentReport } from '../../api/report.ts';
import { endpointId, ROTATE_PASSWORD } from '../names.ts';
import type { TenantSnapshot } from '../snapshot.ts';
import type { Wanted } from './conditions.ts';

const REFUSED = {
  Calls: {
    reason: 'CallsRefused',
    what: 'new calls get 503, and new subscriptions to extensions (BLF) 404; emergency calls, running calls and registrations go on',
  },
  Lamps: {
    reason: 'LampsRefused',
    what: 'new subscriptions to extensions (BLF) get 404; calls, registrations and existing subscriptions go on',
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
    ? `SipUser ${watcher.metadata.name} has subscribed to more than 300 extensions: if that is not intended, change its password (annotation ${ROTATE_PASSWORD}), or set enabled: false`
    : 'Unless it is an attack, give the PBX more memory (pbx.resources of its OrganizationClass)';
  const message = `The PBX was close to its memory limit within the last ten minutes. While it is, ${what}. ${remedy}`;
  return [{ type: 'MemoryPressure', status: 'True', reason, message }];
}

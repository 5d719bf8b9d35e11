import type { AgentReport, TrunkReport } from '../../api/report.ts';
import { emergencyNumbers } from '../countries.ts';
import type { Evaluation } from '../evaluation.ts';
import { byAge, type Finding } from '../finding.ts';
import { trunkId } from '../names.ts';
import { objectKey } from '../object-key.ts';
import type { Tenant } from '../tenant.ts';
import { overridden } from '../tenant-index/emergency.ts';
import type { Wanted } from './conditions.ts';

/** Which trunks Asterisk refused, and what the agent reports about them. */
interface Live {
  readonly rejected: ReadonlyMap<string, Finding>;
  readonly report?: Pick<AgentReport, 'trunks'> | undefined;
}

/** Conditions about how calls leave an Organization, so that it is known before somebody dials 112 whether one can. */
export function waysOut({ objects, index }: Evaluation, tenant: Tenant, { rejected, report }: Live): Wanted[] {
  const live = (name: string): TrunkReport | undefined => report?.trunks[trunkId(tenant.name, name)];
  const working = objects.Trunk.filter(({ resolved }) => resolved)
    .map(({ object }) => object)
    // a trunk that Asterisk refused may still run with its last accepted text
    .filter(({ metadata: { name } }) => !rejected.has(objectKey('Trunk', name)) || live(name) !== undefined)
    .sort(byAge)
    .map(({ metadata }) => metadata.name);
  const silent = working.every(name => live(name)?.reachable === 'Unreachable');
  return [emergencyCalls(working, silent), ...severalTrunks(working), ...roomsOverEmergency(tenant, index)];
}

function emergencyCalls(trunks: readonly string[], silent: boolean): Wanted {
  const type = 'EmergencyCalls';
  if (trunks.length === 0) {
    const message =
      'No emergency call is possible, because no Trunk is in service; create one, or fix what the status of the existing ones says. Until then, keep another telephone at hand';
    return { type, status: 'False', reason: 'NoTrunk', message };
  }
  if (!silent) return { type, status: 'True', reason: 'TrunkLoaded' };
  const message = `No carrier answers OPTIONS (Trunk ${trunks.join(', ')}): emergency calls are tried all the same, but may fail; check the network and the carrier. If it never answers OPTIONS, set spec.health.optionsSeconds of the Trunk to 0`;
  return { type, status: 'Unknown', reason: 'NoCarrierAnswers', message };
}

function severalTrunks([oldest, ...others]: readonly string[]): Wanted[] {
  if (oldest === undefined || others.length === 0) return [];
  const message = `Outbound calls use Trunk ${oldest} first, because it is the oldest; when it fails, ${others.join(', then ')}`;
  return [{ type: 'DefaultRoute', status: 'True', reason: 'SeveralTrunks', message }];
}

function roomsOverEmergency(tenant: Tenant, index: Evaluation['index']): Wanted[] {
  const numbers = index ? [...overridden(tenant, index.identities.ownerOfExtension)].sort() : [];
  if (numbers.length === 0) return [];
  const left = emergencyNumbers(tenant.country).filter(number => !numbers.includes(number));
  const message = `Extensions ${numbers.join(', ')} ring a phone instead of making an emergency call (spec.extensions.overEmergency); emergency numbers are ${left.join(', ')}`;
  return [{ type: 'EmergencyNumbersOverridden', status: 'True', reason: 'SpecExtensions', message }];
}

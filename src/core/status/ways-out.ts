import { emergencyNumbers } from '../countries.ts';
import { overridden } from '../judge/emergency.ts';
import type { Judgement } from '../judge/judge.ts';
import type { Tenant } from '../tenant.ts';
import { byAge } from '../verdict.ts';
import type { Wanted } from './conditions.ts';

/** Whether and how calls leave an organization: what its people must know before they dial 112. */
export function waysOut({ trunks, directory }: Judgement, tenant: Tenant): Wanted[] {
  const working = trunks.filter(({ rendered }) => rendered).map(({ trunk }) => trunk);
  const [oldest, ...others] = working.sort(byAge).map(({ metadata }) => metadata.name);
  return [emergencyCalls(oldest), ...severalTrunks(oldest, others), ...roomsOverEmergency(tenant, directory)];
}

function emergencyCalls(trunk: string | undefined): Wanted {
  if (trunk !== undefined) return { type: 'EmergencyCalls', status: 'True', reason: 'TrunkRendered' };
  const message =
    'No emergency call can leave: there is no Trunk that works; create one, or see why those that exist do not work, and until then put up another telephone';
  return { type: 'EmergencyCalls', status: 'False', reason: 'NoTrunk', message };
}

function severalTrunks(oldest: string | undefined, others: readonly string[]): Wanted[] {
  if (oldest === undefined || others.length === 0) return [];
  const message = `There are several trunks and no routes: calls leave by the oldest that works, which is ${oldest}, and by the others (${others.join(', ')}) when it fails`;
  return [{ type: 'DefaultRoute', status: 'True', reason: 'SeveralTrunks', message }];
}

function roomsOverEmergency(tenant: Tenant, directory: Judgement['directory']): Wanted[] {
  const numbers = directory ? [...overridden(tenant, directory.register.userByExtension)].sort() : [];
  if (numbers.length === 0) return [];
  const left = emergencyNumbers(tenant.country).filter(number => !numbers.includes(number));
  const message = `Extensions ${numbers.join(', ')} ring a phone here and do not call for help (spec.extensions.overEmergency); emergency numbers that do: ${left.join(', ')}`;
  return [{ type: 'EmergencyNumbersOverridden', status: 'True', reason: 'SpecExtensions', message }];
}

import type { PhoneNumber } from '../../../api/index.ts';
import { overLimit } from '../../checks/over-limit.ts';
import { referenceMissing } from '../../checks/reference.ts';
import { claimTaken } from '../../checks/taken.ts';
import type { Check, Finding } from '../../finding.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';

type NumberCheck = Check<PhoneNumber, TenantIndex>;

const notAllowed: NumberCheck = (number, { tenant }) => {
  const patterns = tenant.organization.spec.allowed?.numbers;
  if (!patterns) return undefined;
  const fits = patterns.some((pattern: string) =>
    pattern.endsWith('*') ? number.spec.number.startsWith(pattern.slice(0, -1)) : number.spec.number === pattern,
  );
  if (fits) return undefined;
  return {
    reason: 'NotAllowed',
    field: 'spec.number',
    message: `${number.spec.number} is not among the numbers that the provider gave this organization (spec.allowed.numbers of the Organization); choose one of those, or ask the provider`,
  };
};

const taken = claimTaken<PhoneNumber>('numbers', {
  keyOf: ({ spec }) => spec.number,
  say: (number, holder) => ({
    reason: 'Conflict',
    field: 'spec.number',
    message: `${number} belongs to ${holder}; delete that one or choose another number`,
  }),
});

const trunkMissing: NumberCheck = ({ spec }, index) => referenceMissing('Trunk', spec.trunk, 'spec.trunk', index);

/** What keeps a number out of service. The first violation is reported. */
export const CHECKS: readonly NumberCheck[] = [
  overLimit('PhoneNumber', 'phone numbers'),
  notAllowed,
  taken,
  trunkMissing,
];

/** A trunk that is not in service. The number can still be dialled from inside. */
export function trunkNotServed({ spec }: PhoneNumber, { unserved }: TenantIndex): Finding[] {
  const why = spec.trunk && unserved.Trunk.get(spec.trunk.name);
  if (why === undefined) return [];
  const message = `spec.trunk: Trunk ${spec.trunk?.name} is not in service (${why}), so no call comes in over it; fix it, or change the reference`;
  return [{ reason: 'ReferenceNotReady', field: 'spec.trunk', message }];
}

/** A number without a destination, which can still be a caller ID. */
export const NO_DESTINATION: Finding = {
  reason: 'NoDestination',
  field: 'spec.destination',
  message:
    'Calls to this number go where spec.inbound.unknownNumber of the Trunk says; set spec.destination, unless it is only a caller ID',
};

import type { Trunk } from '../../api/index.ts';
import type { RenderedTrunk, TrunkCredentials } from '../asterisk/pjsip.ts';
import { type Check, firstProblem, type Problem } from '../verdict.ts';
import { FALLBACK, resolveDestination } from './destinations.ts';
import type { Directory } from './directory.ts';
import { notYet } from './not-yet.ts';

export interface JudgedTrunk {
  readonly trunk: Trunk;
  readonly problem?: Problem;
  /** Mistakes that leave the trunk working. */
  readonly faults: readonly Problem[];
  readonly notes: readonly Problem[];
  readonly rendered?: RenderedTrunk;
}

type TrunkCheck = Check<Trunk, Directory>;

const overLimit: TrunkCheck = (trunk, { tenant, over }) =>
  over.get(trunk) === undefined
    ? undefined
    : {
        reason: 'LimitExceeded',
        message: `The organization may have ${tenant.limits.trunks} trunks; delete one or raise spec.limits.trunks`,
      };

const credentialsMissing: TrunkCheck = (trunk, directory) =>
  secretProblem(trunk.spec.credentialsSecretRef?.name, 'spec.credentialsSecretRef', directory) ??
  secretProblem(trunk.spec.inbound?.auth?.secretRef?.name, 'spec.inbound.auth.secretRef', directory);

const registerWithoutCredentials: TrunkCheck = trunk =>
  trunk.spec.register?.enabled && !trunk.spec.credentialsSecretRef
    ? {
        reason: 'CredentialsRequired',
        field: 'spec.credentialsSecretRef',
        message: 'A trunk that registers needs spec.credentialsSecretRef with the keys username and password',
      }
    : undefined;

const transportUnsupported: TrunkCheck = trunk =>
  trunk.spec.transport === 'TLS'
    ? {
        reason: 'NotImplementedYet',
        field: 'spec.transport',
        message: 'spec.transport TLS has no effect in this release; use UDP or TCP',
      }
    : undefined;

const CHECKS: readonly TrunkCheck[] = [
  overLimit,
  registerWithoutCredentials,
  credentialsMissing, // says which Secret and which key
  transportUnsupported,
];

export function judgeTrunk(trunk: Trunk, directory: Directory): JudgedTrunk {
  const notes = notYet('Trunk', trunk.spec);
  const problem = firstProblem(CHECKS, trunk, directory);
  if (problem) return { trunk, problem, faults: [], notes };
  if (trunk.spec.enabled === false)
    return { trunk, problem: { reason: 'Disabled', message: 'spec.enabled is false' }, faults: [], notes };
  const credentials = credentialsOf(trunk.spec.credentialsSecretRef?.name, directory);
  const inboundCredentials = credentialsOf(trunk.spec.inbound?.auth?.secretRef?.name, directory);
  const faults: Problem[] = [];
  return {
    trunk,
    faults,
    notes,
    rendered: {
      trunk,
      unknownNumber: unknownNumber(trunk, directory, faults),
      ...(credentials && { credentials }),
      ...(inboundCredentials && { inboundCredentials }),
    },
  };
}

/** 404, when nothing else is said. */
function unknownNumber(trunk: Trunk, directory: Directory, faults: Problem[]): string {
  const fallback = trunk.spec.outbound?.fallbackCallerId?.name;
  if (fallback !== undefined && !directory.numbers.get(fallback)) {
    const field = 'spec.outbound.fallbackCallerId';
    const message = `${field}: there is no PhoneNumber ${fallback} in this namespace; create it or change the reference`;
    faults.push({ reason: 'ReferenceNotFound', field, message });
  }
  const destination = trunk.spec.inbound?.unknownNumber;
  if (!destination) return 'hangup:1';
  const resolved = resolveDestination(destination, 'spec.inbound.unknownNumber', directory);
  if ('word' in resolved) return resolved.word;
  faults.push(resolved.problem);
  return FALLBACK;
}

function secretProblem(name: string | undefined, field: string, { world }: Directory): Problem | undefined {
  if (!name) return undefined;
  const secret = world.secrets.get(name);
  if (!secret)
    return {
      reason: 'SecretNotFound',
      field,
      message: `There is no Secret ${name} in this namespace; create it with the keys username and password`,
    };
  for (const key of ['username', 'password']) {
    const value = secret.data[key];
    if (!value) return { reason: 'SecretNotFound', field, message: `Secret ${name} has no key ${key}; add it` };
    if (!isSafe(key, value)) {
      const message = `Key ${key} of Secret ${name} has characters that SIP credentials cannot have (printable ASCII, no spaces at the ends)`;
      return { reason: 'InvalidSecret', field, message };
    }
  }
  return undefined;
}

function isSafe(key: string, value: string): boolean {
  if (key === 'username') return /^[A-Za-z0-9_.+@-]{1,128}$/.test(value);
  return /^[\x20-\x7e]{1,128}$/.test(value) && value.trim() === value && !value.endsWith('\\');
}

function credentialsOf(name: string | undefined, { world }: Directory): TrunkCredentials | undefined {
  const data = name ? world.secrets.get(name)?.data : undefined;
  if (!data?.['username'] || !data['password']) return undefined;
  const realm = data['realm'];
  return {
    username: data['username'],
    password: data['password'],
    ...(realm && isSafe('username', realm) ? { realm } : {}),
  };
}

import type { SipUser } from '../../../api/index.ts';
import { overLimit } from '../../checks/over-limit.ts';
import { takenBy } from '../../claims.ts';
import { credentialsName, endpointId } from '../../names.ts';
import { emergencyContext, emergencyKey, locationName } from '../../tenant-index/emergency.ts';
import { named, takenApart } from '../../tenant-index/register.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import { type Check, firstProblem, type Problem } from '../../verdict.ts';

type UserCheck = Check<SipUser, TenantIndex>;

const extensionLength: UserCheck = (user, { tenant }) => {
  const bounds = tenant.organization.spec.extensions;
  const min = bounds?.minDigits ?? 2;
  const max = bounds?.maxDigits ?? 8;
  const { length } = user.spec.extension;
  if (length >= min && length <= max) return undefined;
  const message = `Extension ${user.spec.extension} has ${length} digits; this organization's have ${min} to ${max}`;
  return { reason: 'InvalidExtension', field: 'spec.extension', message };
};

const extensionReserved: UserCheck = (user, index) => {
  const { extension } = user.spec;
  if (index.tenant.organization.spec.extensions?.reserved?.includes(extension)) {
    const message = `Extension ${extension} is reserved by the Organization; choose another`;
    return { reason: 'ReservedExtension', field: 'spec.extension', message };
  }
  return hasCredentials(user, index) ? undefined : callsForHelp(user, index);
};

/** A phone that was set up keeps ringing when a Location comes that needs its number; both are told (`judgeLocation`). */
function hasCredentials({ metadata }: SipUser, { secrets }: TenantIndex): boolean {
  const made = secrets.get(credentialsName(metadata.name));
  return made?.data['password'] !== undefined && (made.ownerUid === undefined || made.ownerUid === metadata.uid);
}

/** An extension that calls for help where its user is. */
export function callsForHelp(user: SipUser, { tenant, emergency }: TenantIndex): Problem | undefined {
  const { extension } = user.spec;
  const location = locationName(user, tenant);
  if (!emergency.get(emergencyKey(emergencyContext(location), extension))) return undefined;
  const where = location === undefined ? 'here' : `of Location ${location}`;
  const message = `Extension ${extension} is an emergency number ${where}: who dials it there calls for help; choose another extension`;
  return { reason: 'ReservedExtension', field: 'spec.extension', message };
}

const extensionTaken: UserCheck = (user, { register }) => {
  const owner = register.ownerOfExtension.get(user.spec.extension);
  if (owner === undefined || owner === named('SipUser', user.metadata.name)) return undefined;
  const message = `Extension ${user.spec.extension} belongs to ${owner}, which is older; choose another extension or delete ${takenApart(owner).name}`;
  return { reason: 'Conflict', field: 'spec.extension', message };
};

const emailTaken: UserCheck = (user, { register }) => {
  const email = user.spec.email?.toLowerCase();
  const local = email === undefined ? undefined : register.userByEmail.get(email);
  return local === undefined || local === user.metadata.name ? undefined : emailConflict(`SipUser ${local}`);
};

/** What a stranger does elsewhere on the platform must not stop a phone. */
export const emailTakenElsewhere: UserCheck = (user, { world, emailClaims }) => {
  const email = user.spec.email?.toLowerCase();
  const holder = email === undefined ? undefined : emailClaims.get(email);
  if (!holder || holder.namespace === world.namespace) return undefined;
  const other = takenBy(holder, { namespace: world.namespace, name: user.metadata.name });
  return other === undefined ? undefined : emailConflict(other);
};

function emailConflict(holder: string): Problem {
  const message = `The e-mail address is already in use by ${holder}; use another`;
  return { reason: 'Conflict', field: 'spec.email', message };
}

const emailDomain: UserCheck = (user, { tenant }) => {
  const domains = tenant.organization.spec.allowed?.emailDomains;
  if (!domains || !user.spec.email) return undefined;
  const domain = user.spec.email.split('@')[1]?.toLowerCase() ?? '';
  if (domains.some((allowed: string) => allowed.toLowerCase() === domain)) return undefined;
  return {
    reason: 'NotAllowed',
    field: 'spec.email',
    message: `E-mail addresses of this organization must be at ${domains.join(' or ')}`,
  };
};

/** Writing her credentials there would take the Secret away from whoever made it. */
const secretNameTaken: UserCheck = (user, { foreign }) => {
  const name = credentialsName(user.metadata.name);
  if (!foreign.get(name)) return undefined;
  return {
    reason: 'NameTaken',
    message: `The credentials belong in Secret ${name}, but there is another one of this name; rename or delete that Secret, or give the SipUser another name`,
  };
};

/** What keeps a user from being rendered, in the order in which she would be told. */
const CHECKS: readonly UserCheck[] = [
  overLimit('SipUser', 'users', 'users', { saysOlder: true }), // the oldest are in
  extensionLength,
  extensionReserved,
  extensionTaken, // the older one keeps ringing
  emailDomain,
  emailTaken,
  secretNameTaken, // nothing of anybody else is overwritten
];

/** The first of them, or that somebody turned the user off. */
export function refusal(user: SipUser, index: TenantIndex): Problem | undefined {
  const disabled = {
    reason: 'Disabled',
    message: 'spec.enabled is false: the phone cannot register and calls do not reach it',
  };
  return firstProblem(CHECKS, user, index) ?? (user.spec.enabled === false ? disabled : undefined);
}

/** What Asterisk's dialplan or SIP itself means by these names: nobody can be called so. */
const RESERVED: ReadonlySet<string> = new Set([
  'fax', // an extension to which Asterisk sends fax calls by itself
  'failed',
  'hangup',
  'unknown',
  'anonymous', // RFC 3323: a caller who does not say who he is
  'restricted',
  'unavailable',
  'asterisk',
]);

/**
 * What keeps a user from having a SIP address; her phone rings on under her extension. The older of two keeps it. The user
 * name of somebody's phone is nobody's address: calls for that phone would come here.
 */
export function addressProblem(user: SipUser, address: string, { register, tenant }: TenantIndex): Problem | undefined {
  const field = 'spec.sip.address';
  if (RESERVED.has(address) || address.startsWith(endpointId(tenant.name, ''))) {
    const message = `${field}: ${address} is a reserved word; choose another`;
    return { reason: 'ReservedAddress', field, message };
  }
  const holder = register.userByAddress.get(address);
  if (holder === undefined || holder === user.metadata.name) return undefined;
  const message = `${field}: ${address} belongs to SipUser ${holder}, which is older; choose another, or change ${holder}`;
  return { reason: 'AddressTaken', field, message }; // not Conflict: that is read as one about the e-mail address (claims.ts)
}

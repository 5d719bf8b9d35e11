import type { SipUser } from '../../../api/index.ts';
import { overLimit } from '../../checks/over-limit.ts';
import { extensionLength, extensionReserved } from '../../checks/reserved.ts';
import { claimTaken, extensionTaken } from '../../checks/taken.ts';
import { type Check, type Finding, firstFinding } from '../../finding.ts';
import { credentialsName, endpointId } from '../../names.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';

type UserCheck = Check<SipUser, TenantIndex>;

const extensionOf = ({ spec }: SipUser): string => spec.extension;

/**
 * Whether a user had credentials already. Such a phone keeps working when a new Location makes its extension an emergency
 * number; the user and the Location both report it (location/checks.ts).
 */
function hasCredentials({ metadata }: SipUser, { secrets }: TenantIndex): boolean {
  const made = secrets.get(credentialsName(metadata.name));
  return made?.data['password'] !== undefined && (made.ownerUid === undefined || made.ownerUid === metadata.uid);
}

const emailTaken: UserCheck = (user, { identities }) => {
  const email = user.spec.email?.toLowerCase();
  const local = email === undefined ? undefined : identities.userByEmail.get(email);
  return local === undefined || local === user.metadata.name ? undefined : emailConflict(`SipUser ${local}`);
};

/** An e-mail address that another tenant has. It is only a degradation, since other tenants must not stop a phone. */
export const emailTakenElsewhere = claimTaken<SipUser>('emails', {
  keyOf: ({ spec }) => spec.email?.toLowerCase(),
  say: (_, holder) => emailConflict(holder),
  elsewhere: true,
});

function emailConflict(holder: string): Finding {
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
    message: `E-mail addresses of this organization must be in ${domains.join(' or ')}; use another`,
  };
};

/** The Secret for the credentials exists and belongs to somebody else, from whom writing it would take it away. */
const secretNameTaken: UserCheck = (user, { unmanagedSecrets }) => {
  const name = credentialsName(user.metadata.name);
  if (!unmanagedSecrets.get(name)) return undefined;
  return {
    reason: 'NameTaken',
    message: `The credentials are to be written to Secret ${name}, but a Secret of that name exists that is not the operator's; rename or delete it, or give the SipUser another name`,
  };
};

/** What keeps a user out of service. The first violation is reported. */
const CHECKS: readonly UserCheck[] = [
  overLimit('SipUser', 'users', { saysOlder: true }), // the oldest users stay in service
  extensionLength(extensionOf),
  extensionReserved(extensionOf, {
    locationOf: ({ spec }) => spec.location?.name,
    mayBeEmergencyNumber: hasCredentials,
  }),
  extensionTaken('SipUser', extensionOf), // the older user keeps the extension
  emailDomain,
  emailTaken,
  secretNameTaken, // Secrets of others are never overwritten
];

/** The first violation; a disabled user has one too. */
export function refusal(user: SipUser, index: TenantIndex): Finding | undefined {
  const disabled = {
    reason: 'Disabled',
    message:
      'spec.enabled is false: phones of the user cannot register, are not called, and cannot call, not even emergency numbers',
  };
  return firstFinding(CHECKS, user, index) ?? (user.spec.enabled === false ? disabled : undefined);
}

/** Names with a meaning in Asterisk's dialplan or in SIP, which no user can have as an address. */
const RESERVED: ReadonlySet<string> = new Set([
  'fax', // an extension to which Asterisk sends fax calls by itself
  'failed',
  'hangup',
  'unknown',
  'anonymous', // RFC 3323: a caller who withholds the identity
  'restricted',
  'unavailable',
  'asterisk',
]);

/**
 * Why a user cannot have a SIP address (the phone can still be called by its extension). The older of two users keeps it. The
 * login of a phone (`<org>_<extension>`) is nobody's address: calls for that phone would come here.
 */
export function addressViolation(
  user: SipUser,
  address: string,
  { identities, tenant }: TenantIndex,
): Finding | undefined {
  const field = 'spec.sip.address';
  if (RESERVED.has(address) || address.startsWith(endpointId(tenant.name, ''))) {
    const message = `${field}: ${address} is a reserved word; choose another`;
    return { reason: 'ReservedAddress', field, message };
  }
  const holder = identities.userByAddress.get(address);
  if (holder === undefined || holder === user.metadata.name) return undefined;
  const message = `${field}: ${address} belongs to SipUser ${holder}, which is older; choose another, or change that of ${holder}`;
  return { reason: 'AddressTaken', field, message }; // not Conflict, which claims.ts reads as one about the e-mail address
}

import type { SipUser } from '../../api/index.ts';
import { endpointId } from '../names.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';
import type { Problem } from '../verdict.ts';

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

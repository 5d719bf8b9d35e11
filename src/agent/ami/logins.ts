import { isIPv4 } from 'node:net';
import type { AmiMessage } from './client.ts';

/**
 * SIP logins, from Asterisk's security events. Pure. Only these two events are used, because of all that precedes the address
 * in them the sender chooses only the Call-ID, which cannot have a line break (RFC 3261 §25.1). The event for an unknown
 * account is not used: it begins with the first 64 characters of the account's name, line breaks included (measured:
 * Asterisk 22), so the sender could choose the address. The event for a challenge is not used, since every honest request
 * begins with one.
 */
export const LOGIN_EVENTS = ['ChallengeResponseFailed', 'SuccessfulAuth'] as const;

export interface Login {
  readonly ok: boolean;
  /** IPv4 address that the packet came from. Over UDP the sender can forge it. */
  readonly source: string;
  /** The endpoint that was named; the same word for all that do not exist. */
  readonly account: string;
}

const ADDRESS = /^IPV4\/(?:UDP|TCP|TLS|WS|WSS)\/([0-9.]{7,15})\/[0-9]{1,5}$/;
const LONGEST_ACCOUNT = 128;

/** The login that an event is about; undefined: it is another event, or a request of a trunk without a password. */
export function loginOf(event: AmiMessage): Login | undefined {
  const { Event, Privilege, Service, AccountID = '', RemoteAddress = '', UsingPassword } = event;
  if (Privilege !== 'security,all' || Service !== 'PJSIP') return undefined;
  const source = ADDRESS.exec(RemoteAddress)?.[1];
  if (source === undefined || !isIPv4(source) || AccountID === '') return undefined;
  const account = AccountID.slice(0, LONGEST_ACCOUNT);
  if (Event === 'ChallengeResponseFailed') return { ok: false, source, account };
  return Event === 'SuccessfulAuth' && UsingPassword === '1' ? { ok: true, source, account } : undefined;
}

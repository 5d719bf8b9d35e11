import { isIPv4 } from 'node:net';
import type { AmiMessage } from './client.ts';

/**
 * What Asterisk's security events say of logins by SIP. Pure. Only of these two: in them stands nothing before the
 * address that a sender chooses but his Call-ID, which is one line (RFC 3261 §25.1); the event of an account that does
 * not exist begins with the first 64 characters of its name, line breaks and all (measured: Asterisk 22), and is not
 * heard: such a name brings forth an event whose address is the sender's. That a challenge was sent says nothing
 * either: each honest request begins with one.
 */
export const LOGIN_EVENTS = ['ChallengeResponseFailed', 'SuccessfulAuth'] as const;

export interface Login {
  readonly ok: boolean;
  /** IPv4 address that the packet came from. Over UDP that is what its sender wrote. */
  readonly source: string;
  /** Endpoint that he named; one word for all that do not exist. */
  readonly account: string;
}

const ADDRESS = /^IPV4\/(?:UDP|TCP|TLS|WS|WSS)\/([0-9.]{7,15})\/[0-9]{1,5}$/;
const LONGEST_ACCOUNT = 128;

/** Undefined for anything else, a trunk's request without a password among it. */
export function loginOf(event: AmiMessage): Login | undefined {
  const { Event, Privilege, Service, AccountID = '', RemoteAddress = '', UsingPassword } = event;
  if (Privilege !== 'security,all' || Service !== 'PJSIP') return undefined;
  const source = ADDRESS.exec(RemoteAddress)?.[1];
  if (source === undefined || !isIPv4(source) || AccountID === '') return undefined;
  const account = AccountID.slice(0, LONGEST_ACCOUNT);
  if (Event === 'ChallengeResponseFailed') return { ok: false, source, account };
  return Event === 'SuccessfulAuth' && UsingPassword === '1' ? { ok: true, source, account } : undefined;
}

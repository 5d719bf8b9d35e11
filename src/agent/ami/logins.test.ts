import { describe, expect, it } from 'vitest';
import { loginOf } from './logins.ts';

const FAILED = {
  Event: 'ChallengeResponseFailed',
  Privilege: 'security,all',
  EventTV: '2026-11-28T22:42:55.426+0000',
  Severity: 'Error',
  Service: 'PJSIP',
  AccountID: 'acme_1001',
  SessionID: 'df60fc988960',
  RemoteAddress: 'IPV4/UDP/198.51.100.7/40455',
};

describe('loginOf', () => {
  it('tells who failed, and who got in', () => {
    expect(loginOf(FAILED)).toEqual({ ok: false, source: '198.51.100.7', account: 'acme_1001' });
    const got = { ...FAILED, Event: 'SuccessfulAuth', UsingPassword: '1' };
    expect(loginOf(got)).toEqual({ ok: true, source: '198.51.100.7', account: 'acme_1001' });
    expect(loginOf({ ...got, RemoteAddress: 'IPV4/TLS/10.0.0.1/5061' })?.source).toBe('10.0.0.1');
  });

  it.each<[string, Record<string, string>]>([
    ['a trunk that needs no password', { Event: 'SuccessfulAuth', UsingPassword: '0' }],
    ['an account that does not exist, by its own name', { Event: 'InvalidAccountID' }],
    ['a challenge', { Event: 'ChallengeSent' }],
    ['the manager', { Service: 'AMI' }],
    ['another class', { Privilege: 'call,all' }],
    ['nobody', { AccountID: '' }],
    ['IPv6', { RemoteAddress: 'IPV6/UDP/2001:db8::1/5060' }],
    ['no address', { RemoteAddress: '' }],
    ['a network', { RemoteAddress: 'IPV4/UDP/198.51.100.0/24/5060' }],
    ['more digits than there are', { RemoteAddress: 'IPV4/UDP/198.51.100.777/5060' }],
    ['zeros before', { RemoteAddress: 'IPV4/UDP/198.051.100.07/5060' }],
    ['a section of a file', { RemoteAddress: 'IPV4/UDP/1.2.3.4\npermit=0.0.0.0/0/5060' }],
    ['a name', { RemoteAddress: 'IPV4/UDP/localhost/5060' }],
  ])('ignores %s', (_what, change) => {
    expect(loginOf({ ...FAILED, ...change })).toBeUndefined();
  });

  it('cuts an account', () => {
    expect(loginOf({ ...FAILED, AccountID: 'a'.repeat(10_000) })?.account).toHaveLength(128);
  });
});

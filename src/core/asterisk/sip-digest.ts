import { hash } from 'node:crypto';

/** `password_digest` values of a user: H(user:realm:password) in MD5 and SHA-256 (RFC 8760, features.md §2h). */
export function passwordDigests(username: string, realm: string, password: string): { md5: string; sha256: string } {
  const input = `${username}:${realm}:${password}`;
  return {
    md5: hash('md5', input),
    sha256: hash('sha256', input),
  };
}

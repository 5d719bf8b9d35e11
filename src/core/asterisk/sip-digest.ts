import { createHash } from 'node:crypto';

/** `password_digest` values of a user: H(user:realm:password) in MD5 and SHA-256 (RFC 8760, features.md §2h). */
export function passwordDigests(username: string, realm: string, password: string): { md5: string; sha256: string } {
  const input = `${username}:${realm}:${password}`;
  return {
    md5: createHash('md5').update(input).digest('hex'),
    sha256: createHash('sha256').update(input).digest('hex'),
  };
}

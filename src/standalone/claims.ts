import { holderOf } from '../core/claims.ts';
import type { Claimant, Claims } from '../core/snapshot.ts';
import type { DirectoryContent } from './directory.ts';

/** Claims, of which a directory has only those of its own objects. */
export function claimsOf(content: DirectoryContent): Claims {
  const numbers = new Map<string, Claimant>();
  for (const number of content.objects.PhoneNumber) {
    const { name, uid = '', creationTimestamp: createdAt = '' } = number.metadata;
    const own = { kind: 'PhoneNumber', namespace: content.namespace, name, uid: uid || name, createdAt };
    const claimant: Claimant = { ...own, standing: 1 };
    const other = numbers.get(number.spec.number);
    numbers.set(number.spec.number, (other && holderOf([other, claimant])) ?? claimant);
  }
  return { emails: new Map(), numbers, domains: new Map() };
}

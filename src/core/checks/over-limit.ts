import { type LimitedKind, limitedKinds } from '../../api/index.ts';
import type { Check } from '../finding.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';

interface Named {
  readonly metadata: { readonly name: string };
}

/** Refuses the newest objects of a kind above the tenant's limit. `words`: the plural for the message. */
export function overLimit(kind: LimitedKind, words: string, { saysOlder = false } = {}): Check<Named, TenantIndex> {
  const info = limitedKinds.find(one => one.kind === kind);
  if (!info) throw new TypeError(`A ${kind} has no limit`);
  const { name: limit } = info.limit;
  return ({ metadata }, { tenant, identities }) => {
    if (identities.kinds[kind].over.get(metadata.name) === undefined) return undefined;
    const most = tenant.limits[limit];
    const older = saysOlder ? ` and ${most} older ones exist` : '';
    const message = `The organization may have ${most} ${words}${older}; delete one, or ask the provider to raise spec.limits.${limit} of the Organization`;
    return { reason: 'LimitExceeded', message };
  };
}

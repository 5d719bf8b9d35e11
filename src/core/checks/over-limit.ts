import type { LimitedKind, LimitName } from '../../api/index.ts';
import type { TenantIndex } from '../tenant-index/tenant-index.ts';
import type { Check } from '../verdict.ts';

/** What all objects have by which a limit counts them. */
interface Counted {
  readonly metadata: { readonly name: string };
}

/** Of more objects than the organization may have, the newest are refused. `words`: what they are called. */
export function overLimit(
  kind: LimitedKind,
  limit: LimitName,
  words: string,
  { saysOlder = false } = {},
): Check<Counted, TenantIndex> {
  return ({ metadata }, { tenant, register }) => {
    if (register.kinds[kind].over.get(metadata.name) === undefined) return undefined;
    const most = tenant.limits[limit];
    const older = saysOlder ? ` and ${most} older ones exist` : '';
    const message = `The organization may have ${most} ${words}${older}; delete one or raise spec.limits.${limit}`;
    return { reason: 'LimitExceeded', message };
  };
}

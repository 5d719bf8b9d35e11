import type { AgentReport } from '../../api/report.ts';
import type { TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import type { Wanted } from './conditions.ts';

/** What statuses are made of, besides what was judged. */
export interface StatusFacts {
  readonly snapshot: TenantSnapshot;
  readonly tenant?: Tenant;
  /** Absent: the PBX does not say what is live. */
  readonly report?: AgentReport;
  readonly now: string;
}

/** What the status of one object says beside what all have. */
export interface More {
  readonly conditions?: readonly Wanted[];
  readonly members?: Readonly<Record<string, unknown>>;
}

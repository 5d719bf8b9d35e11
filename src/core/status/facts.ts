import type { AgentReport } from '../../api/report.ts';
import type { TenantSnapshot } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import type { Wanted } from './conditions.ts';

/** What statuses depend on, besides the evaluation. */
export interface StatusFacts {
  readonly snapshot: TenantSnapshot;
  readonly tenant?: Tenant;
  /** Absent: nothing is known of the running PBX. */
  readonly report?: AgentReport;
  readonly now: string;
}

/** What a kind adds to the status that all kinds have. */
export interface More {
  readonly conditions?: readonly Wanted[];
  readonly members?: Readonly<Record<string, unknown>>;
}

import type { Decided } from './decide.ts';
import type { RejectedChild } from './execute.ts';
import type { TenantRuntime } from './tenant-runtime.ts';

/** One pass over one tenant, once its plan is decided. */
export interface Pass extends Decided {
  readonly tenant: TenantRuntime;
  /** Children that the API server rejected in this pass. */
  readonly refused: RejectedChild[];
}

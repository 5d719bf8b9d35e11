import type { Decided } from './decide.ts';
import type { RejectedChild } from './execute.ts';
import type { TenantRuntime } from './tenant-runtime.ts';

/** One pass over one tenant, from when it is decided what should be true. */
export interface Pass extends Decided {
  readonly tenant: TenantRuntime;
  /** Children that the API server did not take in this pass. */
  readonly refused: RejectedChild[];
}

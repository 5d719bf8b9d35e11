import type { Generate } from '../plan.ts';
import type { Problem } from '../verdict.ts';

/** What was found of one object. */
export interface Judged<T, R = unknown> {
  readonly object: T;
  /** Why it is not in service. */
  readonly problem?: Problem;
  /** Mistakes that leave it working. */
  readonly faults: readonly Problem[];
  /** What is no mistake, and deserves a look. */
  readonly notes: readonly Problem[];
  /** As the renderer needs it: all that is inherited is filled in, all that is referred to is found. Absent: not rendered. */
  readonly resolved?: R;
  /** What must be made at random for it. */
  readonly needs?: readonly Generate[];
}

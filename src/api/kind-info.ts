import type { z } from 'zod';

/** Facts about a kind besides its schema. The CRD, permissions, the quota and all lists of kinds are generated from them. */
export interface KindInfo {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  /** One sentence for `kubectl explain`. */
  readonly description: string;
  readonly schema: z.ZodType;
  readonly columns: readonly Column[];
  /** Absent: an organization may have any number of them. */
  readonly limit?: KindLimit;
  /**
   * What users with a role in a namespace may do with it. `own`: everything; `change`: read and update, but not create or
   * delete; `nothing`: not even read, since it belongs to the provider.
   */
  readonly people: 'own' | 'change' | 'nothing';
}

/** How many of a kind an organization may have: a member of its `spec.limits`, a quota, and its use in status. */
export interface KindLimit {
  /** The member of `spec.limits` and of `status.usage`. */
  readonly name: string;
  /** Highest value that can be set. */
  readonly most: number;
  /** The value where neither the Organization nor its class has one. */
  readonly builtIn: number;
  /** The plural in messages for users: "still has 3 users". */
  readonly words: string;
}

export interface Column {
  readonly name: string;
  readonly jsonPath: string;
  readonly type?: string;
  /** 1: only with -o wide. */
  readonly priority?: number;
}

/** The status of a condition. */
export function condition(name: string, type: string, priority?: number): Column {
  return {
    name,
    jsonPath: `.status.conditions[?(@.type=="${type}")].status`,
    ...(priority === undefined ? {} : { priority }),
  };
}

export const READY = condition('READY', 'Ready');
export const REASON: Column = {
  name: 'REASON',
  jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
  priority: 1,
};
export const AGE: Column = { name: 'AGE', jsonPath: '.metadata.creationTimestamp', type: 'date' };

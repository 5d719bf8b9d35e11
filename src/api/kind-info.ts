import type { z } from 'zod';

/** What is known of a kind beside its schema: CRD, permissions, quota and all lists of kinds follow from it. */
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
   * What the roles of people in a namespace give, besides seeing it: `own` all, `change` what is there already. `nothing`:
   * not even that; it is the provider's.
   */
  readonly people: 'own' | 'change' | 'nothing';
}

/** How many of a kind an organization may have: a member of its `spec.limits`, a quota, and its use in status. */
export interface KindLimit {
  /** The member of `spec.limits` and of `status.usage`. */
  readonly name: string;
  /** The most that can be asked for. */
  readonly most: number;
  /** Where neither the Organization nor its class says one. */
  readonly builtIn: number;
  /** What they are called in a sentence for people: "still has 3 users". */
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

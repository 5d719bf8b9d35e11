/** What the evaluation finds about one object or field: a violation, a degradation or a notice (`Evaluated`). */

export interface Finding {
  /** PascalCase, for the condition and for `kubectl wait`. */
  readonly reason: string;
  /** What is wrong and what to do about it; never a secret. */
  readonly message: string;
  readonly field?: string;
}

export type Check<T, C> = (object: T, context: C) => Finding | undefined;

/** The finding of the first check that has one. */
export function firstFinding<T, C>(checks: readonly Check<T, C>[], object: T, context: C): Finding | undefined {
  for (const check of checks) {
    const violation = check(object, context);
    if (violation) return violation;
  }
  return undefined;
}

interface Aged {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string | undefined;
    readonly creationTimestamp?: string | undefined;
  };
}

/** Oldest first, then by uid, then by name. A total order, so the order of the input never matters. */
export function byAge(a: Aged, b: Aged): number {
  return (
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compare(a.metadata.uid ?? '', b.metadata.uid ?? '') ||
    compare(a.metadata.name, b.metadata.name)
  );
}

export function byName(a: Aged, b: Aged): number {
  return compare(a.metadata.name, b.metadata.name);
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Why an API server refuses an object: a cause in the details of its answer. */
export interface Violation {
  /** `FieldValueInvalid`, `FieldValueRequired` … */
  readonly reason: string;
  readonly message: string;
  /** `spec.servers[0].host`; empty: the object itself. */
  readonly field: string;
}

export const invalidField = (field: string, message: string): Violation => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${message}`,
  field,
});

/** A member of what is at the path. */
export const join = (path: string, member: string): string => (path ? `${path}.${member}` : member);

/** What the server says when it says no: the Status objects of the real one. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  readonly causes: readonly Cause[];
  readonly retryAfter: number | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    { causes = [], retryAfter }: { causes?: readonly Cause[]; retryAfter?: number | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.causes = causes;
    this.retryAfter = retryAfter;
  }

  status(): Record<string, unknown> {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.causes.length > 0 || this.retryAfter
        ? { details: { causes: this.causes, ...(this.retryAfter ? { retryAfterSeconds: this.retryAfter } : {}) } }
        : {}),
      code: this.code,
    };
  }
}

interface Named {
  readonly plural: string;
  readonly group: string;
}

const resource = ({ plural, group }: Named): string => (group ? `${plural}.${group}` : plural);

export const notFound = (kind: Named, name: string): Refusal =>
  new Refusal(404, 'NotFound', `${resource(kind)} "${name}" not found`);

export const alreadyExists = (kind: Named, name: string): Refusal =>
  new Refusal(409, 'AlreadyExists', `${resource(kind)} "${name}" already exists`);

export const conflict = (kind: Named, name: string, why: string): Refusal =>
  new Refusal(409, 'Conflict', `Operation cannot be fulfilled on ${resource(kind)} "${name}": ${why}`);

export const badRequest = (message: string): Refusal => new Refusal(400, 'BadRequest', message);

export const forbidden = (kind: Named, name: string, why: string): Refusal =>
  new Refusal(403, 'Forbidden', `${resource(kind)} "${name}" is forbidden: ${why}`);

export const expired = (): Refusal => new Refusal(410, 'Expired', 'too old resource version');

export function invalid(kind: Named & { readonly kind: string }, name: string, causes: readonly Cause[]): Refusal {
  const said = causes.map(({ field, message }) => `${field}: ${message}`);
  const what = `${kind.kind}${kind.group ? `.${kind.group}` : ''} "${name}" is invalid`;
  return new Refusal(422, 'Invalid', `${what}: ${said.length === 1 ? said[0] : `[${said.join(', ')}]`}`, { causes });
}

export const invalidField = (field: string, message: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${message}`,
  field,
});

export const requiredField = (field: string): Cause => ({
  reason: 'FieldValueRequired',
  message: 'Required value',
  field,
});

export const forbiddenField = (field: string, message: string): Cause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${message}`,
  field,
});

/** An error of the API server, classified. The message is Status.message of the server, never a body or a header. */
export class KubeError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly code: number;
  /** Status.reason of the server, or one of our own when there was no answer. */
  readonly reason: string;
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    options: ErrorOptions & { retryAfter?: number | undefined } = {},
  ) {
    super(message, options);
    this.name = 'KubeError';
    this.code = code;
    this.reason = reason;
    this.retryAfter = options.retryAfter;
  }

  get notFound(): boolean {
    return this.code === 404;
  }

  get conflict(): boolean {
    return this.code === 409;
  }

  /** The list or the resource version is too old: list again. */
  get gone(): boolean {
    return this.code === 410;
  }

  /** The namespace has no room for one more. */
  get quotaExceeded(): boolean {
    return this.code === 403 && this.message.includes('exceeded quota');
  }

  /** The request is invalid, so repeating it does not help. An apply with unknown fields is answered with 500. */
  get invalid(): boolean {
    return this.code === 422 || this.code === 400 || (this.code === 500 && this.message.includes(UNTYPED));
  }

  /** The same request may succeed later. */
  get retryable(): boolean {
    return !this.invalid && (this.code === 0 || this.code === 429 || this.code >= 500);
  }
}

const UNTYPED = 'failed to create typed patch object';

/** Makes an error of a Status object, or of any other body. */
export function errorFrom(code: number, body: string, retryAfter: string | undefined): KubeError {
  let status: { reason?: unknown; message?: unknown } = {};
  try {
    status = JSON.parse(body) as typeof status;
  } catch {
    status = {}; // a page of a proxy, for example: the code is enough
  }
  const reason = typeof status.reason === 'string' ? status.reason : 'Unknown';
  const message = typeof status.message === 'string' ? status.message.slice(0, 500) : `The API server answered ${code}`;
  const seconds = Number(retryAfter);
  return new KubeError(code, reason, message, {
    retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds : undefined,
  });
}

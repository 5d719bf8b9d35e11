/** What the API server answered, classified once. Messages carry the server's Status.message, never a body or a header. */
export class KubeError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly code: number;
  /** Status.reason of the server, or ours when there was no answer. */
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

  /** The request itself is wrong: repeating it does not help. An apply that its schema does not know is answered 500. */
  get invalid(): boolean {
    return this.code === 422 || this.code === 400 || (this.code === 500 && this.message.includes(UNTYPED));
  }

  /** The same request may succeed later. */
  get retryable(): boolean {
    return !this.invalid && (this.code === 0 || this.code === 429 || this.code >= 500);
  }
}

const UNTYPED = 'failed to create typed patch object';

/** From a Status object, or from whatever came instead of one. */
export function errorFrom(code: number, body: string, retryAfter: string | undefined): KubeError {
  let status: { reason?: unknown; message?: unknown } = {};
  try {
    status = JSON.parse(body) as typeof status;
  } catch {
    status = {}; // a proxy's page: the code says enough
  }
  const reason = typeof status.reason === 'string' ? status.reason : 'Unknown';
  const message = typeof status.message === 'string' ? status.message.slice(0, 500) : `The API server answered ${code}`;
  const seconds = Number(retryAfter);
  return new KubeError(code, reason, message, {
    retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds : undefined,
  });
}

import { request as send } from 'undici';
import { type Clock, type Deadline, deadline } from '../runtime/clock.ts';
import type { ServerAccess } from './credentials.ts';
import { errorFrom, KubeError } from './errors.ts';
import { linesOf } from './lines.ts';
import { Pool } from './pool.ts';

/**
 * The only way to the API server: one pool of connections (a client per request would cost a TLS handshake each), a deadline
 * on every request, typed errors, and retries of requests that may be repeated: reads, applies, and writes that are guarded
 * by a version, a uid or a name. After a 401 a request is repeated once with fresh credentials.
 */
export interface RequestOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Media type of the answer; default: JSON. */
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Code 0: no answer. */
export type RequestHook = (method: string, path: string, code: number) => void;

const JSON_TYPE = 'application/json';
const DEADLINE_MS = 30_000;
const MAX_TRIES = 4;
const FIRST_WAIT_MS = 200;
/** The longest wait for Retry-After. For a longer one the caller's queue should wait, not a pending request. */
const MAX_WAIT_MS = 10_000;
/** undici's own timeouts are off. */
const OUR_DEADLINES = { bodyTimeout: 0, headersTimeout: 0 } as const;

interface Answer {
  readonly code: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}

export class Transport {
  readonly #access: ServerAccess;
  readonly #clock: Clock;
  readonly #pool: Pool;
  readonly #onRequest: RequestHook | undefined;
  readonly #random: () => number;

  constructor(access: ServerAccess, clock: Clock, onRequest?: RequestHook, random: () => number = Math.random) {
    this.#access = access;
    this.#clock = clock;
    this.#onRequest = onRequest;
    this.#random = random;
    this.#pool = new Pool(access);
  }

  /** Sends a request and returns the parsed answer; throws KubeError. */
  async request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    let refused = false;
    for (let tries = 1; ; tries++) {
      try {
        return parsed<T>(await this.#once(method, path, options, refused));
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof KubeError)) throw error;
        const renewed = (error.code === 0 || error.code === 401) && this.#pool.refresh();
        if (error.code === 401 && !refused) {
          refused = true;
          continue;
        }
        const wait = this.#waitAfter(error, tries);
        if (tries >= MAX_TRIES || wait === undefined || !mayRepeat(method, options.body, error)) throw error;
        if (!renewed) await this.#clock.sleep(wait, options.signal);
      }
    }
  }

  /** The lines of a watch until the server or the signal ends it; throws KubeError when it breaks. */
  async *lines(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    { accept = JSON_TYPE, onOpen }: { readonly accept?: string; readonly onOpen?: () => void } = {},
  ): AsyncGenerator<string> {
    const late = deadline(this.#clock, DEADLINE_MS, signal);
    try {
      const stream = await this.#opened(this.#url(path, query), accept, late);
      late.met();
      onOpen?.();
      yield* linesOf(stream);
    } catch (cause) {
      if (cause instanceof KubeError || signal.aborted) throw cause;
      throw new KubeError(0, 'Broken', 'The watch broke off', { cause });
    } finally {
      late.clear();
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #opened(url: string, accept: string, late: Deadline): Promise<AsyncIterable<unknown>> {
    for (let refused = false; ; refused = true) {
      const { statusCode, headers, body } = await this.#head(url, accept, late, refused);
      body.setEncoding('utf8');
      if (statusCode === 200) return body;
      const error = errorFrom(statusCode, await body.text(), header(headers['retry-after']));
      if (statusCode !== 401 || refused) throw error;
      this.#pool.refresh();
    }
  }

  async #head(url: string, accept: string, late: Deadline, refused: boolean) {
    const { pathname: path } = new URL(url);
    const { signal } = late;
    try {
      const headers = await this.#headers(refused, accept);
      const answer = await send(url, {
        dispatcher: this.#pool.agent,
        headers,
        signal,
        ...OUR_DEADLINES,
      });
      this.#onRequest?.('WATCH', path, answer.statusCode);
      return answer;
    } catch (cause) {
      this.#onRequest?.('WATCH', path, 0);
      this.#pool.refresh();
      throw unreachable(cause, late.passed);
    }
  }

  async #once(
    method: string,
    path: string,
    { query = {}, body, contentType = JSON_TYPE, accept = JSON_TYPE, signal }: RequestOptions,
    refused: boolean,
  ): Promise<Answer> {
    const late = deadline(this.#clock, DEADLINE_MS, signal);
    try {
      const answer = await send(this.#url(path, query), {
        dispatcher: this.#pool.agent,
        method: method as 'GET',
        headers: {
          ...(await this.#headers(refused, accept)),
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: late.signal,
        ...OUR_DEADLINES,
      });
      const text = await answer.body.text();
      this.#onRequest?.(method, path, answer.statusCode);
      return { code: answer.statusCode, text, retryAfter: header(answer.headers['retry-after']) };
    } catch (cause) {
      this.#onRequest?.(method, path, 0);
      throw unreachable(cause, late.passed);
    } finally {
      late.clear();
    }
  }

  /** Milliseconds to wait before a retry; undefined: too long to wait here. */
  #waitAfter({ retryAfter }: KubeError, tries: number): number | undefined {
    const least = (retryAfter ?? 0) * 1000;
    if (least > MAX_WAIT_MS) return undefined;
    const own = FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + this.#random() / 2);
    return Math.max(least, own);
  }

  #url(path: string, query: Readonly<Record<string, string>>): string {
    const search = new URLSearchParams(query).toString();
    return `${this.#access.server.replace(/\/$/, '')}${path}${search ? `?${search}` : ''}`;
  }

  async #headers(refused: boolean, accept: string): Promise<Record<string, string | string[]>> {
    const authorization = await this.#access.authorization(refused);
    return {
      accept,
      'user-agent': 'ringfleet',
      ...this.#access.headers,
      ...(authorization ? { authorization } : {}),
    };
  }
}

/**
 * Whether a request may be sent again after its answer was lost, when the server may have carried it out. A second create with
 * a name and a second guarded replace are answered with 409, which their callers handle. A delete without a uid could hit a
 * new object of the same name, and a create without a name would make two.
 */
function mayRepeat(method: string, body: unknown, error: KubeError): boolean {
  if (!error.retryable) return false;
  if (error.code === 429 || method === 'GET' || method === 'PATCH' || method === 'PUT') return true;
  const { metadata, preconditions } = (body ?? {}) as {
    metadata?: { name?: string };
    preconditions?: { uid?: string };
  };
  return method === 'POST' ? metadata?.name !== undefined : preconditions?.uid !== undefined;
}

function parsed<T>({ code, text, retryAfter }: Answer): T {
  if (code >= 300) throw errorFrom(code, text, retryAfter);
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new KubeError(0, 'Unreadable', 'The answer of the API server is no JSON', { cause });
  }
}

function unreachable(cause: unknown, late: boolean): KubeError {
  return late
    ? new KubeError(0, 'Timeout', `The API server did not answer in ${DEADLINE_MS} ms`, { cause })
    : new KubeError(0, 'Unreachable', 'The API server could not be reached', { cause });
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

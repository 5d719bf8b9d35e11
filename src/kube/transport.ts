import { Agent, request as send } from 'undici';
import type { Clock } from '../runtime/clock.ts';
import type { ServerAccess } from './credentials.ts';
import { errorFrom, KubeError } from './errors.ts';

/**
 * The one door to the API server: one pool of connections (a client per request costs a TLS handshake each, measured
 * in operators.md §2.3), a deadline on every request, typed errors, and retries of what may be retried.
 */
export interface RequestOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

const DEADLINE_MS = 30_000;
const MAX_TRIES = 4;
const MAX_WAIT_MS = 10_000;

export class Transport {
  readonly #access: ServerAccess;
  readonly #clock: Clock;
  readonly #agent: Agent;
  readonly #onRequest: ((method: string, path: string, code: number) => void) | undefined;

  constructor(access: ServerAccess, clock: Clock, onRequest?: (method: string, path: string, code: number) => void) {
    this.#access = access;
    this.#clock = clock;
    this.#onRequest = onRequest;
    const { ca, cert, key } = access;
    this.#agent = new Agent({ allowH2: false, connections: 48, keepAliveTimeout: 60_000, connect: { ca, cert, key } });
  }

  /** The parsed answer; throws KubeError. Safe to repeat: every write of ours is an apply, or guarded by a version. */
  async request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once<T>(method, path, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof KubeError) || !error.retryable || tries >= MAX_TRIES) throw error;
        const wait = error.retryAfter === undefined ? 100 * 2 ** tries : error.retryAfter * 1000;
        await this.#clock.sleep(Math.min(wait, MAX_WAIT_MS), options.signal);
      }
    }
  }

  /** Lines of a watch, until the server or the signal ends it. */
  async *lines(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<string> {
    const answer = await send(this.#url(path, query), {
      dispatcher: this.#agent,
      headers: await this.#headers(),
      signal,
      bodyTimeout: 0,
      headersTimeout: DEADLINE_MS,
    }).catch((cause: unknown) => {
      throw new KubeError(0, 'Unreachable', 'The API server could not be reached', { cause });
    });
    this.#onRequest?.('WATCH', path, answer.statusCode);
    if (answer.statusCode !== 200)
      throw errorFrom(answer.statusCode, await answer.body.text(), header(answer.headers['retry-after']));
    let rest = '';
    answer.body.setEncoding('utf8');
    for await (const chunk of answer.body) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line) yield line;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #once<T>(
    method: string,
    path: string,
    { query = {}, body, contentType = 'application/json', signal }: RequestOptions,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    const answer = await send(this.#url(path, query), {
      dispatcher: this.#agent,
      method: method as 'GET',
      headers: { ...(await this.#headers()), ...(body === undefined ? {} : { 'content-type': contentType }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
      .then(async ({ statusCode, headers, body: stream }) => ({ statusCode, headers, text: await stream.text() }))
      .catch((cause: unknown) => {
        throw new KubeError(0, 'Unreachable', 'The API server could not be reached', { cause });
      });
    this.#onRequest?.(method, path, answer.statusCode);
    if (answer.statusCode >= 300)
      throw errorFrom(answer.statusCode, answer.text, header(answer.headers['retry-after']));
    return JSON.parse(answer.text) as T;
  }

  #url(path: string, query: Readonly<Record<string, string>>): string {
    const search = new URLSearchParams(query).toString();
    return `${this.#access.server.replace(/\/$/, '')}${path}${search ? `?${search}` : ''}`;
  }

  async #headers(): Promise<Record<string, string>> {
    const authorization = await this.#access.authorization();
    return { accept: 'application/json', 'user-agent': 'ringfleet', ...(authorization ? { authorization } : {}) };
  }
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

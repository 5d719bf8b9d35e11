import { Refusal } from './answers.ts';

/** What can go wrong between an operator and its API server, on demand. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete';

export interface Asked {
  readonly client: string;
  readonly verb: Verb;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export type Match = Partial<Asked>;

/**
 * `answer`: not done, answered so. `cut-before`: not done, no answer. `cut-after`: done, no answer. `cut-mid-body`: done,
 * half an answer. `stall`: not done, never an answer.
 */
export type Fault =
  | { readonly how: 'answer'; readonly refusal: Refusal }
  | { readonly how: 'cut-before' | 'cut-after' | 'cut-mid-body' | 'stall' };

const WRITES: readonly Verb[] = ['create', 'update', 'patch', 'apply', 'delete'];

export const isWrite = (verb: Verb): boolean => WRITES.includes(verb);

export function matches(match: Match, asked: Asked): boolean {
  return (Object.keys(match) as (keyof Asked)[]).every(key => match[key] === asked[key]);
}

interface Crash {
  left: number;
  /** Whether the write before was a renewal of the Lease. */
  renewed: boolean;
  tell(): void;
}

export class Faults {
  readonly #planned: { match: Match; fault: Fault; times: number }[] = [];
  readonly #crashes = new Map<string, Crash>();
  readonly #dead = new Set<string>();

  /** The next `times` requests that match go wrong in this way. */
  inject(match: Match, fault: Fault, times = 1): void {
    this.#planned.push({ match, fault, times });
  }

  refuse(match: Match, code: number, reason: string, { times = 1, retryAfter = 0, message = 'injected' } = {}): void {
    const refusal = new Refusal(code, reason, message, { retryAfter: retryAfter || undefined });
    this.inject(match, { how: 'answer', refusal }, times);
  }

  conflictOnStatus(times = 1): void {
    this.refuse({ subresource: 'status' }, 409, 'Conflict', { times });
  }

  throttle(match: Match, retryAfter: number, times = 1): void {
    this.refuse(match, 429, 'TooManyRequests', { times, retryAfter });
  }

  quota(match: Match, times = 1): void {
    this.refuse(match, 403, 'Forbidden', { times, message: 'exceeded quota: injected' });
  }

  invalid(match: Match, times = 1): void {
    this.refuse(match, 422, 'Invalid', { times });
  }

  burst500(times: number, match: Match = {}): void {
    this.refuse(match, 500, 'InternalError', { times });
  }

  goneHttp(match: Match, times = 1): void {
    this.refuse(match, 410, 'Expired', { times });
  }

  /** All plans but crashes are forgotten. */
  clear(): void {
    this.#planned.length = 0;
  }

  /**
   * The n-th write from now is done; its answer and all that this client asks later is cut, until it is revived.
   * Its renewals of the Lease in a row count as one: it writes nothing between them.
   */
  crashAfterWrites(writes: number, client = 'operator'): Promise<void> {
    return new Promise(resolve => this.#crashes.set(client, { left: writes, renewed: false, tell: resolve }));
  }

  kill(client: string): void {
    this.#crashes.delete(client);
    this.#dead.add(client);
  }

  /** The client is a new process. */
  revive(client = 'operator'): void {
    this.#dead.delete(client);
    this.#crashes.delete(client);
  }

  isDead(client: string): boolean {
    return this.#dead.has(client);
  }

  /** For the server: what is to go wrong with this request. */
  take(asked: Asked): Fault | undefined {
    const index = this.#planned.findIndex(({ match }) => matches(match, asked));
    const plan = this.#planned[index];
    if (!plan) return undefined;
    plan.times--;
    if (plan.times <= 0) this.#planned.splice(index, 1);
    return plan.fault;
  }

  /** For the server: a write was done. True when its client dies of it. */
  wrote({ client, verb, plural }: Asked): boolean {
    const crash = this.#crashes.get(client);
    if (!crash || !isWrite(verb)) return false;
    const again = crash.renewed && plural === 'leases';
    crash.renewed = plural === 'leases';
    if (again) return false;
    crash.left--;
    if (crash.left > 0) return false;
    this.#crashes.delete(client);
    this.#dead.add(client);
    crash.tell();
    return true;
  }
}

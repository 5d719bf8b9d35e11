import { Counter, Gauge, type Registry } from 'prom-client';
import type { Reflector } from './reflector.ts';
import type { RequestHook } from './transport.ts';

/** Metrics of requests to the API server. Labels come from fixed sets: verbs, codes, kinds of RESOURCES. */
export interface ReflectorMetrics {
  listed(kind: string): void;
  /** How a watch ended: `end`: by the server, in order; `error`: it goes on from its last version; `relist`: it lists again. */
  restarted(kind: string, why: Restart): void;
}

type Restart = (typeof RESTARTS)[number];

const RESTARTS = ['end', 'error', 'relist'] as const;
const VERBS = ['GET', 'WATCH', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const CODES = ['2xx', '4xx', '409', '410', '429', '5xx', 'none'] as const;

export class KubeMetrics implements ReflectorMetrics {
  readonly #requests: Counter;
  readonly #lists: Counter;
  readonly #restarts: Counter;
  readonly #reflectors = new Set<Reflector>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'ringfleet_api_requests_total',
      help: 'Requests to the API server, by verb and class of answer',
      labelNames: ['verb', 'code'],
      registers,
    });
    this.#lists = new Counter({
      name: 'ringfleet_api_lists_total',
      help: 'Whole lists of a kind: one at the start, and one after each loss of the watch',
      labelNames: ['kind'],
      registers,
    });
    this.#restarts = new Counter({
      name: 'ringfleet_api_watch_restarts_total',
      help: 'Watches opened again, by what ended them',
      labelNames: ['kind', 'why'],
      registers,
    });
    for (const verb of VERBS) for (const code of CODES) this.#requests.inc({ verb, code }, 0);
    this.#silence(registry);
  }

  /** The observer for a Transport. */
  readonly onRequest: RequestHook = (method, _path, code) => {
    const verb = VERBS.find(known => known === method) ?? 'GET';
    this.#requests.inc({ verb, code: classOf(code) });
  };

  listed(kind: string): void {
    this.#lists.inc({ kind });
  }

  restarted(kind: string, why: Restart): void {
    this.#restarts.inc({ kind, why });
  }

  /** Adds the series of a reflector. */
  follow(reflector: Reflector): void {
    this.#reflectors.add(reflector);
    this.#lists.inc({ kind: reflector.kind }, 0);
    for (const why of RESTARTS) this.#restarts.inc({ kind: reflector.kind, why }, 0);
  }

  #silence(registry: Registry): void {
    const reflectors = this.#reflectors;
    new Gauge({
      name: 'ringfleet_api_watch_silence_seconds',
      help: 'Seconds since the API server last said anything about a kind',
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        // of one kind there may be several, each with a namespace: the worst of them
        const worst = new Map<string, number>();
        for (const { kind, silentMs } of reflectors) worst.set(kind, Math.max(silentMs, worst.get(kind) ?? 0));
        for (const [kind, silentMs] of worst) this.set({ kind }, silentMs / 1000);
      },
    });
  }
}

function classOf(code: number): (typeof CODES)[number] {
  if (code === 0) return 'none';
  if (code < 400) return '2xx';
  if (code >= 500) return '5xx';
  return CODES.find(known => known === String(code)) ?? '4xx';
}

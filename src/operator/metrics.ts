import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { CHILD_KINDS } from './caches.ts';

/** Metrics of the operator's own work. Labels are bounded: none has the name of a tenant. */
const ROLL_REASONS = ['NodeCordoned', 'TemplateChanged', 'RestartPending'] as const;

export class OperatorMetrics {
  readonly #reconciles: Counter<'result'>;
  readonly #compiles: Histogram;
  readonly #nudges: Counter;
  readonly #rolls: Counter<'reason'>;
  readonly #rejectedChildren: Counter<'kind'>;
  readonly #leader: Gauge;
  /** For each PBX that was replaced and is not ready yet, seconds since then. */
  away: () => readonly number[] = () => [];

  constructor(registry: Registry, queueDepth: () => number) {
    const registers = [registry];
    this.#reconciles = new Counter({
      name: 'ringfleet_reconciles_total',
      help: 'Passes over one tenant.',
      labelNames: ['result'],
      registers,
    });
    for (const result of ['success', 'error']) this.#reconciles.inc({ result }, 0);
    this.#compiles = new Histogram({
      name: 'ringfleet_compile_seconds',
      help: 'Time to decide what should be true of one tenant.',
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
      registers,
    });
    this.#nudges = new Counter({
      name: 'ringfleet_pokes_total',
      help: 'Annotations of pods that wake the kubelet.',
      registers,
    });
    this.#rolls = new Counter({
      name: 'ringfleet_rolls_total',
      help: 'PBX pods replaced.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of ROLL_REASONS) this.#rolls.inc({ reason }, 0);
    this.#rejectedChildren = new Counter({
      name: 'ringfleet_refused_children_total',
      help: 'Objects of a tenant that the API server did not take: quota, admission, rights, rules.',
      labelNames: ['kind'],
      registers,
    });
    for (const kind of CHILD_KINDS) this.#rejectedChildren.inc({ kind }, 0);
    this.#leader = new Gauge({ name: 'ringfleet_leader', help: '1 while this operator leads.', registers });
    const away = (): readonly number[] => this.away();
    new Gauge({
      name: 'ringfleet_rolls_away',
      help: 'PBXs that a roll replaced and that do not serve yet.',
      registers,
      collect() {
        this.set(away().length);
      },
    });
    new Gauge({
      name: 'ringfleet_rolls_away_seconds',
      help: 'For how long the first of them has been away. For minutes: the roll has stopped, and the log says at whom.',
      registers,
      collect() {
        this.set(Math.max(0, ...away()));
      },
    });
    new Gauge({
      name: 'ringfleet_queue_depth',
      help: 'Tenants that wait for a pass.',
      registers,
      collect() {
        this.set(queueDepth());
      },
    });
  }

  reconciled(result: 'success' | 'error'): void {
    this.#reconciles.inc({ result });
  }

  compiled(seconds: number): void {
    this.#compiles.observe(seconds);
  }

  nudged(): void {
    this.#nudges.inc();
  }

  rolled(reason: string): void {
    this.#rolls.inc({ reason });
  }

  refused(kind: string): void {
    this.#rejectedChildren.inc({ kind });
  }

  leads(leads: boolean): void {
    this.#leader.set(leads ? 1 : 0);
  }
}

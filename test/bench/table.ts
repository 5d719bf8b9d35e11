import { cpus, loadavg, totalmem } from 'node:os';

/** One line of the table of numbers to reach. */
export interface Row {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
  /** The numbers themselves, for whoever compares runs. */
  readonly numbers: Readonly<Record<string, number>>;
}

export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}

export function machine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 1024 ** 3).toFixed(1);
  const [busy = 0] = loadavg();
  const load = `load ${busy.toFixed(1)} of which our own is a part`;
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory} GiB, Node ${process.versions.node}, ${load}`;
}

export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** `p50 12 ms, p99 40 ms (n = 200)`. */
export function spread(samples: readonly number[]): { text: string; numbers: Record<string, number> } {
  const numbers = { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), n: samples.length };
  return { text: `p50 ${duration(numbers.p50)}, p99 ${duration(numbers.p99)} (n = ${numbers.n})`, numbers };
}

export function duration(ms: number): string {
  return ms < 1_000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}

export function markdown({ date, machine: on, rows }: Results): string {
  const lines = rows.map(
    ({ what, goal, measured, met }) => `| ${what} | ${goal} | ${measured} | ${met ? 'met' : 'missed'} |`,
  );
  return `# Numbers reached

\`npm run bench\`, ${date}, on ${on}. Goals: those of the design; a fake API server where nothing is said of a cluster.

| What | Goal | Measured | |
|---|---|---|---|
${lines.join('\n')}
`;
}

import { cpus, loadavg, totalmem } from 'node:os';

/** One line of the table of numbers to reach. */
export interface Row {
  /** Under a heading of its own; absent: with the first ones. */
  readonly section?: 'floods' | 'manager';
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
  /** The day, and how busy the machine was. */
  readonly when?: string;
  /** Absent: the one of the last run. */
  readonly machine?: string;
  /** The numbers themselves, for whoever compares runs. */
  readonly numbers: Readonly<Record<string, number>>;
}

export interface Results {
  readonly machine: string;
  readonly rows: readonly Row[];
}

export function machine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 1024 ** 3).toFixed(1);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory} GiB, Node ${process.versions.node}`;
}

/** Load over the last minute; our own is a part of it. */
export function when(now: number): string {
  return `${new Date(now).toISOString().slice(0, 10)}, ${(loadavg()[0] ?? 0).toFixed(1)}`;
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

export function markdown({ machine: on, rows }: Results): string {
  const of = (wanted: Row['section']): Row[] => rows.filter(({ section }) => section === wanted);
  const sections = SECTIONS.filter(([section]) => of(section).length > 0);
  return `# Numbers reached

\`npm run bench\` on ${on}. Goals: those of the design; a fake API server where nothing is said of a cluster.

${[table(of(undefined), on), ...sections.map(([section, head]) => `${head}\n\n${table(of(section), on)}`)].join('\n')}`;
}

const SECTIONS: readonly (readonly [Row['section'], string])[] = [
  [
    'manager',
    `## The manager

\`npm run bench -- ami\`: our way to Asterisk's manager (\`own\`), and the npm package \`asterisk-manager\` under the same client
in its place: \`plain\` as its README has it, \`guarded\` with all that can be put around it, \`framed\` with our framing before its
reader as well. Medians of three in turns, or one; met is what \`own\` meets. Figures but the last three are of a manager that is played.`,
  ],
  [
    'floods',
    `## Floods

\`npm run bench -- floods\`: a tenant as \`up\` runs it, all of it on this machine. Phones register over UDP and TCP, call, and call
112, each every 0.4 s; a share is that of those served before/during/after, memory and handles are before/most/after
(/later, where somebody looked again).`,
  ],
];

function table(rows: readonly Row[], on: string): string {
  const lines = rows.map(
    ({ what, goal, measured, met, when: at = '', machine: own = on }) =>
      `| ${what} | ${goal} | ${measured} | ${met ? 'met' : 'missed'} | ${at}${own === on ? '' : `, ${own}`} |`,
  );
  return `| What | Goal | Measured | | Day, load |
|---|---|---|---|---|
${lines.join('\n')}
`;
}

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster, stopCluster } from './cluster/cluster.ts';

/**
 * `npm test [-- PROJECT…]`: everything, on real parts, installing what it needs; ends with one plain line of totals. The
 * parts run one after the other, since each brings its own load and the machine may be small.
 */
const PROJECTS = ['unit', 'faults', 'asterisk', 'cluster'];

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);

/** Where and with what environment a part runs. */
interface Place {
  readonly wrap: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const HERE: Place = { wrap: [], env: {} };

/** Runs the words; a signal to end goes to them, so that what was started for them is still taken down. */
async function run(words: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const [command = '', ...args] = words;
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  const pass = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', code => resolve(code ?? 1));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A part that ends without a report (it could not even start) counts as one failure. */
async function totalsOf(file: string, code: number): Promise<Totals> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(text) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
    numFailedTestSuites: number;
  };
  const failed = Math.max(report.numFailedTests, code === 0 ? 0 : 1);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
}

async function part(project: string, place: Place, folder: string, ...more: string[]): Promise<Totals> {
  console.log(`\n== ${project} ==`);
  const file = join(folder, `${project}.json`);
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const words = [...place.wrap, bin('vitest'), 'run', '--project', project, ...reports, ...more];
  return totalsOf(file, await run(words, place.env));
}

/** With RINGFLEET_KUBECONFIG the cluster is somebody else's: it is used as it is, from here. */
async function onCluster(folder: string): Promise<Totals> {
  if (process.env['RINGFLEET_KUBECONFIG']) return partsOnCluster(HERE, folder);
  const cluster = await startCluster(console.log).catch((error: unknown) => {
    console.error(error);
  });
  if (!cluster) return { passed: 0, failed: 1, skipped: 0 };
  try {
    return await partsOnCluster(cluster, folder);
  } finally {
    await stopCluster(cluster.directory);
  }
}

/** First without an operator, then tenants side by side, then what everybody would notice, and last what all that left. */
async function partsOnCluster(place: Place, folder: string): Promise<Totals> {
  const parts = [
    await part('cluster', place, folder),
    await part('scenarios', place, folder, '--maxWorkers=3'),
    await part('disruptions', place, folder),
    await part('last', place, folder),
  ];
  return parts.reduce(sum);
}

function sum(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

const folder = await mkdtemp(join(tmpdir(), 'ringfleet-test-'));
let totals: Totals = { passed: 0, failed: 0, skipped: 0 };
try {
  const wanted = process.argv.slice(2);
  for (const project of PROJECTS.filter(name => wanted.length === 0 || wanted.includes(name))) {
    totals = sum(
      totals,
      await (project === 'cluster' ? onCluster(folder) : part(project, HERE, folder, '--maxWorkers=2')),
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

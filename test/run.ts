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

async function part(project: string, place: Place, folder: string): Promise<Totals> {
  console.log(`\n== ${project} ==`);
  const file = join(folder, `${project}.json`);
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const words = [...place.wrap, bin('vitest'), 'run', '--project', project, ...reports];
  return totalsOf(file, await run(words, place.env));
}

/** With RINGFLEET_KUBECONFIG the cluster is somebody else's: it is used as it is, from here. */
async function onCluster(folder: string): Promise<Totals> {
  if (process.env['RINGFLEET_KUBECONFIG']) return part('cluster', HERE, folder);
  const cluster = await startCluster(console.log).catch((error: unknown) => {
    console.error(error);
  });
  if (!cluster) return { passed: 0, failed: 1, skipped: 0 };
  try {
    return await part('cluster', cluster, folder);
  } finally {
    await stopCluster(cluster.directory);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'ringfleet-test-'));
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
try {
  const wanted = process.argv.slice(2);
  for (const project of PROJECTS.filter(name => wanted.length === 0 || wanted.includes(name))) {
    const { passed, failed, skipped } = await (project === 'cluster' ? onCluster(folder) : part(project, HERE, folder));
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

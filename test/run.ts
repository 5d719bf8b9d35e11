import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster, stopCluster } from './cluster/cluster.ts';
import { failedOnce, NOTHING, type Outcome, outcomeOf, together } from './report.ts';

/** Files at a time: as many as two cores carry where they compute, more where they wait, one where they would meet. */
const AT_ONCE = {
  unit: 2,
  cli: 2,
  faults: 2,
  charts: 2,
  asterisk: 3,
  releases: 1,
  cluster: 2,
  scenarios: 4,
  disruptions: 1,
  last: 1,
};
type Project = keyof typeof AT_ONCE;

/**
 * `npm test [-- PROJECT…]`: everything, on real parts, installing what it needs; ends with one plain line of totals. The
 * projects run one after the other, since each brings its own load and the machine may be small.
 */
const PROJECTS: readonly Project[] = ['unit', 'cli', 'faults', 'charts', 'asterisk', 'cluster'];

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);

/** Where and with what environment a part runs. */
interface Place {
  readonly wrap: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const HERE: Place = { wrap: [], env: {} };

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The signal to end that came; nothing is begun after it, and what was started is still taken down. */
let endedBy: NodeJS.Signals | undefined;
for (const signal of SIGNALS) {
  process.on(signal, () => {
    endedBy = signal;
  });
}

/** Runs the words; a signal to end goes to them. */
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

async function part(project: Project, place: Place, folder: string): Promise<Outcome> {
  if (endedBy) return failedOnce(`${project} was not run, because ${endedBy} came`);
  console.log(`\n== ${project} ==`);
  const file = join(folder, `${project}.json`);
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const words = [
    ...place.wrap,
    bin('vitest'),
    'run',
    '--project',
    project,
    `--maxWorkers=${AT_ONCE[project]}`,
    ...reports,
  ];
  return outcomeOf(project, file, await run(words, place.env));
}

/** With RINGFLEET_KUBECONFIG the cluster is somebody else's: it is used as it is, from here. */
async function onCluster(folder: string): Promise<Outcome> {
  if (endedBy) return failedOnce(`The projects of the cluster were not run, because ${endedBy} came`);
  if (process.env['RINGFLEET_KUBECONFIG']) return partsOnCluster(HERE, folder);
  const cluster = await startCluster(console.log).catch((error: unknown) => {
    console.error(error);
  });
  if (!cluster) return failedOnce('Kubernetes did not start');
  try {
    return await partsOnCluster(cluster, folder);
  } finally {
    await stopCluster(cluster.directory);
  }
}

/** First the operator's chart, then without an operator, then tenants side by side, then what everybody would notice, and last what all that left. */
async function partsOnCluster(place: Place, folder: string): Promise<Outcome> {
  const parts = [
    await part('releases', place, folder),
    await part('cluster', place, folder),
    await part('scenarios', place, folder),
    await part('disruptions', place, folder),
    await part('last', place, folder),
  ];
  return parts.reduce(together);
}

const folder = await mkdtemp(join(tmpdir(), 'ringfleet-test-'));
let outcome = NOTHING;
try {
  const wanted = process.argv.slice(2);
  for (const name of PROJECTS.filter(one => wanted.length === 0 || wanted.includes(one))) {
    outcome = together(outcome, await (name === 'cluster' ? onCluster(folder) : part(name, HERE, folder)));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (outcome.failures.length > 0) console.log(`\n== what failed ==\n\n${outcome.failures.join('\n\n')}`);
console.log(`\n${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`);
process.exitCode = outcome.failed > 0 || outcome.passed === 0 ? 1 : 0;

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/runtime/clock.ts';
import { startCluster, stopCluster } from '../cluster/cluster.ts';
import { amiRows } from './ami/rows.ts';
import { clusterRows } from './cluster-rows.ts';
import { compileRow } from './compile-row.ts';
import { densityRows } from './density-rows.ts';
import { fleetRows, idleRow } from './fake-rows.ts';
import { floodRows } from './flood-rows.ts';
import { idlePodRows } from './idle-pod-row.ts';
import { machine, markdown, type Results, type Row, when } from './table.ts';

/** `npm run bench [-- compile | idle | fleet | ami | floods | cluster | pod | density]…`: measures, prints, and keeps the results. */
const PARTS: Readonly<Record<string, () => Promise<readonly Row[]> | readonly Row[]>> = {
  compile: () => [compileRow()],
  idle: async () => [await idleRow()],
  fleet: () => fleetRows(console.error),
  ami: () => amiRows(console.error),
  floods: () => floodRows(console.error),
  cluster: () => inCluster('cluster', clusterRows),
  pod: () => inCluster('pod', idlePodRows),
  density: () => inCluster('density', densityRows),
};

/** Measures from where phones are: in the cluster that is there, or in one that is made for it. */
function inCluster(part: string, measure: (say: (line: string) => void) => Promise<Row[]>): Promise<readonly Row[]> {
  return process.env['RINGFLEET_KUBECONFIG'] ? measure(console.error) : onOwnCluster(part);
}

async function onOwnCluster(part: string): Promise<readonly Row[]> {
  const cluster = await startCluster(console.error, { name: 'bench' });
  try {
    const [file = '', ...words] = [...cluster.wrap, process.execPath, import.meta.filename, part];
    const env = { ...process.env, ...cluster.env, RINGFLEET_BENCH_WITHIN: '1' };
    const { stdout } = await promisify(execFile)(file, words, { env, maxBuffer: 1e7 });
    return (JSON.parse(stdout.slice(0, stdout.indexOf('\n}\n') + 2)) as Results).rows;
  } finally {
    await stopCluster(cluster.directory);
  }
}

const wanted = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`== ${name} ==`);
  const measured = await measure();
  rows.push(...measured.map(row => ({ when: when(systemClock.now()), ...row })));
}
const results: Results = { machine: machine(), rows };
console.log(JSON.stringify(results, null, 2));
console.log(markdown(results));
if (!process.env['RINGFLEET_BENCH_WITHIN']) await keep(results);

/** What was not measured now stays as it was measured last. */
async function keep(now: Results): Promise<void> {
  const file = join(import.meta.dirname, 'results.json');
  const before = await readFile(file, 'utf8').catch(() => '{"machine":"","rows":[]}');
  const fresh = new Set(now.rows.map(({ what }) => what));
  const { machine: on, rows: known } = JSON.parse(before) as Results;
  const older = known.filter(({ what }) => !fresh.has(what)).map(row => ({ machine: on, ...row }));
  const all: Results = { ...now, rows: [...now.rows, ...older] };
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
  await writeFile(join(import.meta.dirname, 'RESULTS.md'), markdown(all));
}

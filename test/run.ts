import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `npm test`: everything, on real parts, installing what it needs; ends with one plain line of totals. The parts run one
 * after the other, since each brings its own load and the machine may be small.
 */
interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', code => resolve(code ?? 1));
  });
}

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

async function part(project: string, wrap: readonly string[], folder: string): Promise<Totals> {
  console.log(`\n== ${project} ==`);
  const file = join(folder, `${project}.json`);
  const [command = '', ...args] = [
    ...wrap,
    bin('vitest'),
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ];
  return totalsOf(file, await run(command, args));
}

const folder = await mkdtemp(join(tmpdir(), 'ringfleet-test-'));
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const project of ['unit', 'asterisk']) {
    const { passed, failed, skipped } = await part(project, [], folder);
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

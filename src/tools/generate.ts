import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CHART_SOURCES, chartFiles } from './chart/chart.ts';
import { generatedFiles } from './crds.ts';
import { dialplanText } from './dialplan.ts';
import { WITH_LISTS, withLists } from './kind-lists.ts';
import { numberingPlans } from './numbering.ts';
import { tenantChartFiles } from './tenant-chart/chart.ts';

/** Writes the generated files; with --check only prints which are stale, and exits 1 when any is. */
const root = join(import.meta.dirname, '../..');
const stale: string[] = [];
const files = new Map<string, string>([
  ...generatedFiles(),
  ...tenantChartFiles(),
  ['src/core/numbering/plans.gen.ts', numberingPlans()],
  ['src/core/dialplan/text.gen.ts', dialplanText()],
]);
for (const name of WITH_LISTS) files.set(name, withLists(await readFile(join(root, name), 'utf8')));
for (const name of CHART_SOURCES) files.set(name, files.get(name) ?? (await readFile(join(root, name), 'utf8')));
const crds = new Map([...files].filter(([name]) => name.startsWith('crds/')));
for (const [name, text] of chartFiles(files, crds)) files.set(name, text);
for (const [name, text] of files) {
  const path = join(root, name);
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === text) continue;
  stale.push(name);
  if (process.argv.includes('--check')) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
for (const name of stale) console.log(`${process.argv.includes('--check') ? 'stale' : 'written'}: ${name}`);
if (process.argv.includes('--check') && stale.length > 0) process.exitCode = 1;

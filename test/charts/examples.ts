import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HelmMajor, helm } from '../cluster/helm.ts';

const charts = join(import.meta.dirname, '../../charts');

/** A copy of charts/examples/<name> beside one of charts/tenant, which it has brought in as its README line says. */
export async function exampleChart(name: string, major: HelmMajor = 4): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ringfleet-examples-'));
  const own = (path: string): boolean => !path.endsWith('/charts') && !path.endsWith('Chart.lock');
  await cp(join(charts, 'tenant'), join(folder, 'tenant'), { recursive: true });
  const chart = join(folder, 'examples', name);
  await cp(join(charts, 'examples', name), chart, { recursive: true, filter: path => own(path.slice(charts.length)) });
  await helm(['dependency', 'update', chart], { major });
  return chart;
}

import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type HelmMajor, helm, tryHelm } from '../cluster/helm.ts';

/** What a chart makes of values, by the real Helm and without a cluster. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: a manifest, whatever it is
  readonly [member: string]: any;
}

export type Values = Readonly<Record<string, unknown>>;

export interface RenderOptions {
  readonly major?: HelmMajor;
  readonly release?: string;
  readonly namespace?: string;
  /** group/version/Kind of what the cluster knows beside what every cluster does. */
  readonly knows?: readonly string[];
}

export const OPERATOR_CHART = join(import.meta.dirname, '../../charts/ringfleet');

/** The words of a `helm template`, whose values come by standard input. */
function template(
  chart: string,
  { release = 'ringfleet', namespace = 'ringfleet-system', knows = [] }: RenderOptions,
): string[] {
  const apis = knows.flatMap(api => ['--api-versions', api]);
  return ['template', release, chart, '--namespace', namespace, '--values', '-', ...apis];
}

/** Every manifest of a chart, hooks as well. */
export async function render(chart: string, values: Values, options: RenderOptions = {}): Promise<Rendered[]> {
  const { major = 4 } = options;
  const text = await helm(template(chart, options), { major, input: JSON.stringify(values) });
  const documents = parseAllDocuments(text).map(one => {
    if (one.errors.length > 0) throw new Error(`No YAML: ${one.errors.join()}`);
    return one.toJS() as Rendered | null;
  });
  return documents.filter(one => one !== null);
}

/** Why Helm refuses these values; throws when it does not. */
export async function refusal(chart: string, values: Values, options: RenderOptions = {}): Promise<string> {
  const { major = 4 } = options;
  const { code, stderr } = await tryHelm(template(chart, options), { major, input: JSON.stringify(values) });
  if (code === 0) throw new Error('Helm takes these values');
  return stderr;
}

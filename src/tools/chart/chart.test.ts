import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles } from '../crds.ts';
import { CHART_SOURCES, chartFiles } from './chart.ts';

/** What of charts/ringfleet is generated; what Helm makes of it is tested in test/charts. */
const root = join(import.meta.dirname, '../../..');
const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8');
const sources = new Map(await Promise.all(CHART_SOURCES.map(async name => [name, await read(name)] as const)));
const files = chartFiles(sources, new Map([...generatedFiles()].filter(([name]) => name.startsWith('crds/'))));

it.each([...files])('%s is not stale', async (name, text) => {
  expect(await read(name)).toBe(text);
});

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
}

function values(node: Node, path: string): [path: string, node: Node][] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
    [`${path}${name}`, child],
    ...values(child, `${path}${name}.`),
  ]);
}

const schema: Node = JSON.parse(files.get('charts/ringfleet/values.schema.json') ?? '{}');

it.each(values(schema, ''))('the value %s is described, and has the default of values.yaml', (path, node) => {
  expect(node.description).toMatch(/^[A-Z].*\.$/s);
  const defaults = parse(files.get('charts/ringfleet/values.yaml') ?? '');
  const value = path.split('.').reduce((at, name) => at[name], defaults);
  if (node.properties) expect(node.additionalProperties).toBe(false);
  else expect(value).toEqual(node.default);
});

it('takes nothing that Helm would read as its own', () => {
  const spoiled = new Map(sources).set(
    'config/operator/roles.yaml',
    'kind: Role\nmetadata: {name: x}\nrules: "{{ x }}"\n',
  );

  expect(() => chartFiles(spoiled, new Map())).toThrow('Braces');
});

it('says so when the Deployment is not as it is expected', () => {
  const spoiled = new Map(sources).set('config/operator/deployment.yaml', 'kind: Deployment\nspec: {}\n');

  expect(() => chartFiles(spoiled, new Map())).toThrow('replicas');
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { type KindInfo, kinds } from '../../api/index.ts';
import { tenantChartFiles } from './chart.ts';
import { itemSchema, listName } from './lists.ts';

/** What of charts/tenant is generated; what Helm makes of it is tested in test/charts. */
const root = join(import.meta.dirname, '../../..');
const files = tenantChartFiles();
const user = kinds.find(({ kind }) => kind === 'SipUser') as KindInfo;

it.each([...files])('%s is not stale', async (name, text) => {
  expect(await readFile(join(root, name), 'utf8')).toBe(text);
});

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
}

const schema: Node = JSON.parse(files.get('charts/tenant/values.schema.json') ?? '{}');
const defaults = parse(files.get('charts/tenant/values.yaml') ?? '');

it.each(Object.entries(schema.properties ?? {}))('the value %s is described, and has its default', (name, node) => {
  expect(node.description).toMatch(/^[A-Z`].*[.}\]]$/s);
  expect(defaults).toHaveProperty([name]);
  if ('default' in node) expect(defaults[name]).toEqual(node.default);
});

it('says nothing that Helm does not read', () => {
  expect(files.get('charts/tenant/values.schema.json')).not.toMatch(/"x-|propertyNames|9007199254740991/);
});

it.each([
  ['SipUser', 'sipusers', { name: 'users' }, 'users'],
  ['Location', 'locations', undefined, 'locations'],
  ['VoiceMenu', 'voicemenus', undefined, 'voiceMenus'],
  ['Mailbox', 'mailboxes', undefined, 'mailboxes'],
  ['Directory', 'directories', undefined, 'directories'],
])('objects of the kind %s (%s) with the limit %j are the value %s', (kind, plural, limit, name) => {
  expect(listName({ ...user, kind, plural, limit: limit as never })).toBe(name);
});

it('has an item with a name and the fields of its spec', () => {
  expect(itemSchema(user)).toMatchObject({
    additionalProperties: false,
    required: ['name', 'extension'],
    properties: { name: { maxLength: 40 }, extension: { pattern: '^[0-9]{2,8}$' }, ring: { type: 'object' } },
  });
});

it('says so when a kind has a field that the chart needs for itself', () => {
  const { schema: whole } = kinds.find(({ kind }) => kind === 'Location') as KindInfo;
  const shape = (whole as unknown as { shape: { spec: { extend(more: object): unknown } } }).shape;
  const spoiled = (whole as unknown as { extend(more: object): KindInfo['schema'] }).extend({
    spec: shape.spec.extend({ labels: user.schema }),
  });

  expect(() => itemSchema({ ...user, kind: 'Location', schema: spoiled })).toThrow('called labels');
});

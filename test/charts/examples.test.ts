import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HELMS } from '../cluster/helm.ts';
import { exampleChart } from './examples.ts';
import { refusal, render, type Values } from './render.ts';

/** Charts that have charts/tenant as a part; they are installed in test/cluster/scenarios. */
const IMAGE = { registry: 'r.example' };
const SHARED = { global: { ringfleet: { image: IMAGE } } };

describe.each(HELMS)('by Helm %s', major => {
  it('three tenants have namespaces of their own', async () => {
    const objects = await render(await exampleChart('provider', major), SHARED, { major, namespace: 'tenants' });

    const organizations = objects.filter(({ kind }) => kind === 'Organization').map(({ metadata }) => metadata);
    expect(organizations.map(({ name, namespace }) => [name, namespace]).sort()).toEqual(
      ['acme', 'globex', 'initech'].map(name => [name, name]),
    );
    expect(objects.filter(({ kind }) => kind === 'Namespace')).toHaveLength(3);
    const checks = objects.filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.namespace);
    expect(checks.sort()).toEqual(['acme', 'globex']);
  });

  it('a slip in one of three tenants is named', async () => {
    const values = { ...SHARED, globex: { users: [{ name: 'x', extension: '1', fullName: 'X' }] } };

    const words = await refusal(await exampleChart('provider', major), values, { major, namespace: 'tenants' });
    expect(words).toMatch(/globex[\s\S]*users\W+0\W+extension/);
  });

  it('users are lines of a file', async () => {
    const chart = await exampleChart('csv', major);
    const values = { tenant: { image: IMAGE } };
    const objects = await render(chart, values, { major, release: 'umbrella', namespace: 'umbrella' });

    const users = objects.filter(one => one.kind === 'SipUser' && !one.metadata.annotations);
    expect(users.map(({ metadata, ['spec']: spec }) => [metadata.namespace, metadata.name, spec])).toEqual([
      [
        'umbrella',
        'alice-liddell',
        { extension: '1001', fullName: 'Alice Liddell', email: 'alice@umbrella.example', mobile: '+447700900123' },
      ],
      ['umbrella', 'bob-sawyer', { extension: '1002', fullName: 'Bob Sawyer', email: 'bob@umbrella.example' }],
      ['umbrella', 'caroline-o-neill', { extension: '1003', fullName: "Caroline O'Neill" }],
    ]);
  });
});

describe('a file of users', () => {
  const values: Values = { tenant: { image: IMAGE } };

  async function withLine(line: string): Promise<string> {
    const chart = await exampleChart('csv');
    const file = join(chart, 'users.csv');
    await writeFile(file, `${await readFile(file, 'utf8')}${line}\r\n`);
    return chart;
  }

  it.each([
    ['dan,1004,"Dan, the man",,', 'line 5: 5 cells'],
    ['dan,1004', 'line 5: 5 cells'],
    ['alice-liddell,1004,Alice,,', 'two of them are called alice-liddell'],
  ])('with the line %j is refused', async (line, words) => {
    expect(await refusal(await withLine(line), values)).toContain(words);
  });

  it('may be written by Windows', async () => {
    const objects = await render(await withLine('dan,1004,Dan,,'), values);

    expect(objects.find(({ metadata }) => metadata.name === 'dan')?.['spec']).toEqual({
      extension: '1004',
      fullName: 'Dan',
    });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { generatedFiles } from '../tools/crds.ts';
import { WITH_LISTS, withLists } from '../tools/kind-lists.ts';
import { crdSchema } from './crd-schema.ts';
import { kinds } from './index.ts';
import { userDefaults } from './user-defaults.ts';

const root = join(import.meta.dirname, '../..');

interface Node {
  [key: string]: unknown;
  properties?: Record<string, Node>;
  items?: Node;
  type?: string;
}

/** Every node of a schema with its path; not the metadata, which is the server's. */
function nodes(node: Node, path = ''): [string, Node][] {
  const own = Object.entries(node.properties ?? {}).filter(
    ([name]) => !(path === '' && ['metadata', 'apiVersion', 'kind'].includes(name)),
  );
  return [
    [path, node],
    ...own.flatMap(([name, child]) => nodes(child, `${path}.${name}`)),
    ...(node.items ? nodes(node.items, `${path}[]`) : []),
  ];
}

const schemas = kinds.map(info => [info.kind, crdSchema(info.schema) as Node] as const);

describe('generated files', () => {
  it.each([...generatedFiles()])('%s is not stale', async (name, text) => {
    expect(await readFile(join(root, name), 'utf8')).toBe(text);
  });

  it.each(WITH_LISTS)('the lists of kinds in %s are not stale', async name => {
    const text = await readFile(join(root, name), 'utf8');

    expect(text).toContain('# generated: ');
    expect(withLists(text)).toBe(text);
  });

  it.each([...generatedFiles()])('%s is below what client-side apply can take', (_name, text) => {
    expect(text.length).toBeLessThan(250_000);
  });
});

describe.each(schemas)('schema of %s', (_kind, schema) => {
  it('has only what a structural schema may have', () => {
    const odd = nodes(schema).filter(([, node]) =>
      ['anyOf', 'oneOf', 'allOf', '$ref', 'not'].some(word => word in node),
    );

    expect(odd.map(([path]) => path)).toEqual([]);
  });

  it('describes every field', () => {
    expect(
      nodes(schema)
        .filter(([path, node]) => path !== '' && !path.endsWith('[]') && !node['description'])
        .map(([path]) => path),
    ).toEqual([]);
  });

  it('bounds every string and every list of the spec', () => {
    const open = nodes(schema).filter(
      ([path, node]) =>
        path.startsWith('.spec') &&
        ((node.type === 'string' && !node['enum'] && !node['maxLength']) ||
          (node.type === 'array' && (!node['maxItems'] || !node['x-kubernetes-list-type']))),
    );

    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('gives no choice a default', () => {
    expect(
      nodes(schema)
        .filter(([, node]) => node['maxProperties'] === 1 && 'default' in node)
        .map(([path]) => path),
    ).toEqual([]);
  });
});

it('gives no inheritable field a default', () => {
  const inherited = nodes(
    crdSchema(kinds.find(({ kind }) => kind === 'Organization')?.schema ?? userDefaults) as Node,
  ).filter(([path]) => path.startsWith('.spec.userDefaults'));
  const sipUser = nodes(schemas.find(([kind]) => kind === 'SipUser')?.[1] ?? {}).filter(([path]) =>
    /^\.spec\.(ring|voicemail|recording|sip)(\.|$)/.test(path),
  );

  expect(inherited.length).toBeGreaterThan(40);
  expect([...inherited, ...sipUser].filter(([, node]) => 'default' in node).map(([path]) => path)).toEqual([]);
});

const HEAD = { apiVersion: 'ringfleet.io/v1alpha1', metadata: { name: 'x' } };
const jane = { ...HEAD, kind: 'SipUser', spec: { extension: '1001', fullName: 'Jane' } };

it.each([
  ['SipUser', { ...jane, spec: { ...jane.spec, extension: '10a1' } }, 'extension'],
  ['SipUser', { ...jane, spec: { ...jane.spec, fullName: 'Jane; [x]' } }, 'fullName'],
  ['SipUser', { ...jane, spec: { ...jane.spec, fullName: 'Jane\n' } }, 'fullName'],
  ['SipUser', { ...jane, spec: { ...jane.spec, fullName: '${SHELL(id)}' } }, 'fullName'],
  ['SipUser', { ...jane, spec: { ...jane.spec, sip: { transport: 'SCTP' } } }, 'transport'],
  ['SipUser', { ...jane, spec: { ...jane.spec, ring: { seconds: 4 } } }, 'seconds'],
  [
    'SipUser',
    { ...jane, spec: { ...jane.spec, ring: { onNoAnswer: { hangup: 'Busy', number: '+4479' } } } },
    'onNoAnswer',
  ],
  ['PhoneNumber', { ...HEAD, kind: 'PhoneNumber', spec: { number: '044' } }, 'number'],
  ['Trunk', { ...HEAD, kind: 'Trunk', spec: { servers: [] } }, 'servers'],
  ['Trunk', { ...HEAD, kind: 'Trunk', spec: { servers: [{ name: 'a', host: 'x y' }] } }, 'host'],
  [
    'Trunk',
    {
      ...HEAD,
      kind: 'Trunk',
      spec: { servers: [{ name: 'a', host: 'x' }], inbound: { sources: ['127.0.0.13:5060'] } },
    },
    'sources',
  ],
])('%s is refused with the field named, by zod and by the CRD', (kind, object, field) => {
  const info = kinds.find(one => one.kind === kind);
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: true, validateFormats: false });
  const validate = ajv.compile(crdSchema(info?.schema ?? userDefaults));

  const zodPaths = info?.schema.safeParse(object).error?.issues.map(issue => issue.path.join('/')) ?? [];
  validate(object);

  expect(zodPaths.join(' ')).toContain(field);
  expect((validate.errors ?? []).map(error => error.instancePath).join(' ')).toContain(field);
});

describe('an address or network', () => {
  const trunk = schemas.find(([kind]) => kind === 'Trunk')?.[1] ?? {};
  const [, source] = nodes(trunk).find(([path]) => path.endsWith('.sources[]')) ?? [];
  const pattern = new RegExp(String(source?.['pattern']));

  it.each([
    ...['203.0.113.7', '203.0.113.0/24', '0.0.0.0/0', '255.255.255.255/32', '10.1.2.3/8'],
    ...['::', '::1', '2001:db8::', '2001:db8::/32', '::/0', 'fe80::1/128', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7::'],
    ...['::2:3:4:5:6:7:8', '1::8', '1:2::5:6:7:8', '2001:DB8::A'],
  ])('may be %s', text => {
    expect(text).toMatch(pattern);
  });

  it.each([
    ...[
      '999.1.1.1',
      '256.0.0.1',
      '1.2.3',
      '1.2.3.4.5',
      '01.2.3.4',
      '1.2.3.4/33',
      '1.2.3.4/200',
      '1.2.3.4/',
      '1.2.3.4/08',
    ],
    ...[
      '127.0.0.13:5060',
      '[::1]',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '::12345',
      '::1/129',
      '::1/',
    ],
    ...['1:2:3:4:5:6:7:8::', '::ffff:1.2.3.4', 'fe80::1%eth0', 'carrier.example', '', '1.2.3.4\n', ' 1.2.3.4'],
  ])('may not be %j', text => {
    expect(text).not.toMatch(pattern);
  });
});

it.each(['organization', 'users', 'trunk', 'numbers'])('the sample %s.yaml is valid', async name => {
  const text = await readFile(join(root, 'config/samples/hotel', `${name}.yaml`), 'utf8');
  const objects = [...parseAllDocuments(text)].map(document => document.toJS() as { kind: string });

  for (const object of objects.filter(({ kind }) => kind !== 'Secret')) {
    const info = kinds.find(({ kind }) => kind === object.kind);
    expect(info?.schema.safeParse(object).error?.issues ?? []).toEqual([]);
  }
  expect(objects.length).toBeGreaterThan(0);
});

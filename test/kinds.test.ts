import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { crdSchema } from '../src/api/crd-schema.ts';
import { type KindInfo, kinds, limitedKinds, type ObjectOf, type TenantKind } from '../src/api/index.ts';
import { tenantKinds } from '../src/api/tenant-kinds.ts';
import { KINDS } from '../src/core/kinds/index.ts';
import { resourceOf } from '../src/kube/resource.ts';
import { readManifests } from '../src/standalone/manifest-file.ts';
import { conditionOf, settle, snapshot } from './snapshots.ts';

/** What every kind must have, so that none is forgotten where nothing else would fail. */

const root = join(import.meta.dirname, '..');

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [member: string]: unknown;
}

function documents(path: string): Document[] {
  return parseAllDocuments(readFileSync(join(root, path), 'utf8')).map(one => one.toJS() as Document);
}

/** Verbs that a role has for a resource of ours. */
function verbs(file: string, role: string, resource: string): string[] {
  const found = documents(`config/operator/${file}.yaml`).find(
    ({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === role,
  );
  const rules = (found?.['rules'] ?? []) as Rule[];
  return rules
    .filter(({ apiGroups, resources }) => apiGroups.includes('ringfleet.io') && resources.includes(resource))
    .flatMap(rule => rule.verbs);
}

const samples = globSync('config/{samples,classes}/**/*.yaml', { cwd: root }).flatMap(path =>
  readManifests(readFileSync(join(root, path), 'utf8')).objects.map(one => ({ path, ...one })),
);

const READ = ['get', 'list', 'watch'];

describe.each(kinds.map(info => [info.kind, info] as const))('%s', (kind, info) => {
  it('has a CRD with a description, names and printer columns', () => {
    const [crd] = documents(`crds/ringfleet.io_${info.plural}.yaml`) as unknown as {
      spec: {
        names: { kind: string; singular: string; shortNames?: string[]; categories: string[] };
        scope: string;
        versions: { additionalPrinterColumns: { name: string }[]; schema: { openAPIV3Schema: unknown } }[];
      };
    }[];
    const { names, scope, versions } = crd?.spec ?? { names: undefined, scope: '', versions: [] };

    expect(names).toMatchObject({ kind, categories: ['pbx'] });
    expect(scope).toBe(info.scope);
    expect(new Set([...(names?.shortNames ?? []), names?.singular])).toEqual(
      new Set([...info.shortNames, info.singular]),
    );
    expect(info.shortNames.length).toBeGreaterThan(0);
    expect(versions[0]?.schema.openAPIV3Schema).toMatchObject({ description: expect.stringMatching(/^[A-Z].+\.$/) });
    const columns = versions[0]?.additionalPrinterColumns.map(({ name }) => name) ?? [];
    expect(columns.at(-1)).toBe('AGE');
    if (info.scope === 'Namespaced') expect(columns).toContain('READY');
  });

  it('is read by the operator, which writes its status and nothing else', () => {
    const role = info.scope === 'Namespaced' ? 'ringfleet-operator' : 'ringfleet-operator-platform';
    expect(verbs('rbac', role, info.plural)).toEqual(READ);
    expect(verbs('rbac', 'ringfleet-operator', `${info.plural}/status`)).toEqual(
      info.scope === 'Namespaced' ? ['patch'] : [],
    );
    expect(resourceOf(kind)).toMatchObject({ plural: info.plural, namespaced: info.scope === 'Namespaced' });
  });

  it('is what people may do with it', () => {
    const edit = {
      own: [...READ, 'create', 'update', 'patch', 'delete', 'deletecollection'],
      change: [...READ, 'update', 'patch'],
      nothing: [],
    };

    expect(verbs('roles', 'ringfleet-edit', info.plural)).toEqual(edit[info.people]);
    expect(verbs('roles', 'ringfleet-view', info.plural)).toEqual(info.people === 'nothing' ? [] : READ);
    expect(verbs('roles', 'ringfleet-provider', '*')).toEqual(['*']);
  });

  it('has a sample that its schema takes', () => {
    const own = samples.filter(({ manifest }) => manifest.kind === kind);

    expect(own.length).toBeGreaterThan(0);
    expect(own.flatMap(({ path, problem }) => (problem === undefined ? [] : [`${path}: ${problem}`]))).toEqual([]);
  });

  const folder = kind.replace(/(?<=[a-z])[A-Z]/g, letter => `-${letter}`).toLowerCase();

  it('has a folder of its name', () => {
    expect(existsSync(join(root, `src/core/kinds/${folder}`))).toBe(true);
    expect(existsSync(join(root, `src/api/${folder}.ts`))).toBe(true);
  });

  it('has a table of tests beside its checks', () => {
    const files = globSync(`src/core/kinds/${folder}/checks*.ts`, { cwd: root }).map(path => basename(path));

    expect(files.sort()).toEqual(['checks.test.ts', 'checks.ts']);
  });
});

it('no two kinds have a name in common', () => {
  const names = kinds.flatMap(({ kind, plural, singular, shortNames }) => [
    ...new Set([kind, plural, singular, ...shortNames]),
  ]);

  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

const organization = kinds.find(({ kind }) => kind === 'Organization') as KindInfo;

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
}

function at(node: Node | undefined, path: string): Node | undefined {
  return path.split('.').reduce((found, member) => found?.properties?.[member], node);
}

describe.each(limitedKinds.map(info => [info.kind, info] as const))('the limit of a %s', (kind, { plural, limit }) => {
  const schema = crdSchema(organization.schema) as Node;
  const { plan } = settle(snapshot({ invalid: [{ kind, metadata: { name: 'one' }, violation: '' }] }));

  it('can be set, is in force, and its use is shown', () => {
    const status = plan.statuses.find(one => one.kind === 'Organization')?.status as
      | { effective: { limits: Record<string, number> }; usage: Record<string, unknown> }
      | undefined;

    expect(at(schema, `spec.limits.${limit.name}`)).toMatchObject({ maximum: limit.most });
    expect(at(schema, `status.usage.${limit.name}`)).toBeDefined();
    expect(status?.effective.limits[limit.name]).toBe(limit.builtIn);
    expect(status?.usage[limit.name]).toEqual({ used: 1, hard: limit.builtIn });
  });

  it('is a quota, too, and counts where an Organization is deleted', () => {
    const quota = plan.apply.find(one => one.kind === 'ResourceQuota')?.['spec'] as { hard: Record<string, string> };
    const guard = readFileSync(join(root, 'config/operator/policies.yaml'), 'utf8');

    expect(quota.hard[`count/${plural}.ringfleet.io`]).toBe(String(limit.builtIn));
    expect(guard).toContain(`status.usage.${limit.name}.used`);
    expect(guard).toMatch(new RegExp(`expression: "'.*\\b${limit.words}\\b.*'"`));
  });
});

describe.each(tenantKinds.map(({ kind }) => [kind] as const))('a %s', kind => {
  const own = samples
    .filter(({ manifest }) => manifest.kind === kind)
    .map(({ manifest }) => manifest as unknown as ObjectOf<TenantKind>);

  it('is in the table of kinds, and has a Ready condition', () => {
    const { plan } = settle(snapshot({ objects: { ...snapshot().objects, [kind]: own } }));

    expect(Object.keys(KINDS)).toContain(kind);
    for (const { metadata } of own) expect(conditionOf(plan, kind, metadata.name, 'Ready')).toBeDefined();
  });

  it('is a value of the chart of a tenant, with all that its spec may have', () => {
    const values = JSON.parse(readFileSync(join(root, 'charts/tenant/values.schema.json'), 'utf8'));
    const templates = readFileSync(join(root, 'charts/tenant/templates/_generated.tpl'), 'utf8');
    const info = kinds.find(one => one.kind === kind) as KindInfo;
    const [, list = ''] = new RegExp(`^(\\w+): ${kind}$`, 'm').exec(templates) ?? [];
    const spec = (crdSchema(info.schema) as { properties: { spec: Node } }).properties.spec;

    const { items } = values.properties[list];
    expect(Object.keys(items.properties)).toEqual(
      expect.arrayContaining(['name', 'labels', 'annotations', ...Object.keys(spec.properties ?? {})]),
    );
    expect(items.additionalProperties).toBe(false);
  });

  it('that cannot be read says so', () => {
    const { plan } = settle(snapshot({ invalid: [{ kind, metadata: { name: 'one' }, violation: 'spec: wrong' }] }));

    expect(conditionOf(plan, kind, 'one', 'Ready')).toMatchObject({ status: 'False', reason: 'Invalid' });
  });
});

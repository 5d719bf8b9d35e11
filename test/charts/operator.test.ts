import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { HELMS, tryHelm } from '../cluster/helm.ts';
import { OPERATOR_CHART, type Rendered, type RenderOptions, refusal, render, type Values } from './render.ts';

/** charts/ringfleet, as Helm renders it: what it has in common with config/operator, and each switch. */
const root = join(import.meta.dirname, '../..');
const IMAGE = {
  registry: 'ringfleet.local',
  operator: { repository: 'operator', tag: 'dev' },
  pbx: { repository: 'pbx', tag: 'dev' },
};

const rendered = (values: Values = {}, options: RenderOptions = {}): Promise<Rendered[]> =>
  render(OPERATOR_CHART, { image: IMAGE, ...values }, options);

function find(
  objects: readonly Rendered[],
  kind: string,
  name = 'ringfleet-operator',
  namespace?: string,
): Rendered | undefined {
  return objects.find(
    one => one.kind === kind && one.metadata.name === name && (!namespace || one.metadata.namespace === namespace),
  );
}

async function deployment(values: Values = {}, options: RenderOptions = {}): Promise<Rendered> {
  const found = (await rendered(values, options)).find(({ kind }) => kind === 'Deployment');
  if (!found) throw new Error('No Deployment');
  return found;
}

const pod = async (values: Values): Promise<Rendered['spec']> => (await deployment(values)).spec.template.spec;

async function manifests(folder: string): Promise<Rendered[]> {
  const names = (await readdir(join(root, folder))).filter(name => name !== 'kustomization.yaml');
  const texts = await Promise.all(names.map(name => readFile(join(root, folder, name), 'utf8')));
  return texts.flatMap(text => parseAllDocuments(text).map(one => one.toJS() as Rendered));
}

/** What two ways to install may differ in: labels, and the order of variables. */
function essence(object: Rendered | undefined): unknown {
  if (!object) return undefined;
  const { metadata, ...rest } = structuredClone(object) as Rendered;
  const text = JSON.stringify(rest, (name, value) => {
    if (name === 'env') return [...value].sort((a, b) => a.name.localeCompare(b.name));
    if (name !== 'matchLabels' && name !== 'labels') return value;
    const { 'app.kubernetes.io/instance': _, ...labels } = value;
    return labels;
  });
  const aggregate = Object.entries(metadata.labels ?? {}).filter(([name]) => name.startsWith('rbac.'));
  return { metadata: { name: metadata.name, namespace: metadata.namespace, aggregate }, ...JSON.parse(text) };
}

describe.each(HELMS)('by Helm %s', major => {
  it('passes the linter', async () => {
    const words = ['lint', OPERATOR_CHART, '--strict', '--set', 'image.registry=registry.example'];
    const { code, stdout, stderr } = await tryHelm(words, { major });

    expect(stdout + stderr).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(code).toBe(0);
  });

  it('makes what config/operator is', async () => {
    const objects = await rendered({}, { major });

    const expected = (await manifests('config/operator')).filter(({ kind }) => kind !== 'Namespace');
    expect(expected.length).toBeGreaterThan(15);
    for (const one of expected)
      expect(essence(find(objects, one.kind, one.metadata.name, one.metadata.namespace))).toEqual(essence(one));
  });

  it('has the CRDs', async () => {
    const objects = await rendered({}, { major });

    for (const crd of await manifests('crds'))
      expect(find(objects, crd.kind, crd.metadata.name)?.['spec']).toEqual(crd['spec']);
  });

  it.each([
    [{ image: { regsitry: 'r' } }, /image.*\n?.*regsitry/s],
    [{ image: { operator: { tagg: 'r' } } }, /image\W+operator.*tagg/s],
    [{ metrics: { monitor: { render: 'on' } } }, /metrics\W+monitor\W+render/],
    [{ metrics: { monitor: { render: true } } }, /metrics\W+monitor\W+render/],
    [{ replica: 3 }, /replica/],
    [{ replicas: 'two' }, /replicas/],
    [{ image: { operator: { digest: 'latest' } } }, /image\W+operator\W+digest/],
    [{ watchNamespaces: 'acme' }, /watchNamespaces/],
    [{ watchNamespaces: ['acme', 'No_label'] }, /watchNamespaces\W+1/],
    [{ deniedNetworks: ['10.0.0.0'] }, /deniedNetworks\W+0/],
    [{ imagePullSecrets: ['registry'] }, /imagePullSecrets\W+0/],
    [{ logLevel: 'loud' }, /logLevel/],
  ])('names what is wrong in %j', async (values, path) => {
    expect(await refusal(OPERATOR_CHART, values, { major })).toMatch(path);
  });

  it('wants to know where the images are', async () => {
    expect(await refusal(OPERATOR_CHART, {}, { major })).toContain('image.registry: say where the images are');
  });
});

it('has a version for each release', async () => {
  const chart = parse(await readFile(join(OPERATOR_CHART, 'Chart.yaml'), 'utf8'));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

  expect(chart).toMatchObject({ version, appVersion: version });
});

describe('names', () => {
  it.each([
    ['ringfleet', {}, 'ringfleet-operator'],
    ['telephony', {}, 'telephony-ringfleet-operator'],
    ['ringfleet-blue', {}, 'ringfleet-blue-operator'],
    ['telephony', { fullnameOverride: 'exchange' }, 'exchange'],
    ['a'.repeat(53), {}, `${'a'.repeat(33)}-ringfleet-operator`],
  ])('of the release %s with %j', async (release, values, name) => {
    const objects = await rendered(values, { release });

    expect(find(objects, 'Deployment', name)?.['spec'].template.spec.serviceAccountName).toBe(name);
    for (const { metadata } of objects) expect(metadata.name.length).toBeLessThanOrEqual(63);
  });

  it('are each of one object, also in the namespace default, where the API server is looked up', async () => {
    const objects = await rendered({}, { namespace: 'default' });

    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    const groups = find(objects, 'Role')?.['rules'].flatMap((rule: { apiGroups: string[] }) => rule.apiGroups);
    expect(groups).toEqual(['discovery.k8s.io', 'coordination.k8s.io']);
  });

  it('are those of the release where objects are bound to each other', async () => {
    const objects = await rendered({}, { release: 'blue', namespace: 'telephony' });

    for (const one of objects.filter(({ kind }) => kind.endsWith('RoleBinding'))) {
      expect(one.metadata.name).toMatch(/^blue-ringfleet-operator/);
      expect(find(objects, one['roleRef'].kind, one['roleRef'].name)).toBeDefined();
      for (const { name, namespace } of one['subjects'])
        expect(find(objects, 'ServiceAccount', name, namespace)?.metadata.namespace).toBe('telephony');
    }
  });
});

describe('images', () => {
  it('are of the chart’s own version unless told otherwise', async () => {
    const { containers } = await pod({ image: { registry: 'r.example/team/' } });

    expect(containers[0].image).toBe('r.example/team/ringfleet-operator:0.1.0');
    expect(containers[0].env).toContainEqual({
      name: 'RINGFLEET_PBX_IMAGE',
      value: 'r.example/team/ringfleet-pbx:0.1.0',
    });
  });

  it('go by digest before tag', async () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    const image = { registry: 'r.example', operator: { tag: '1', digest }, pbx: { digest } };
    const objects = await rendered({ image });

    const [container] = find(objects, 'Deployment')?.['spec'].template.spec.containers ?? [];
    expect(container.image).toBe(`r.example/ringfleet-operator@${digest}`);
    expect(container.env).toContainEqual({ name: 'RINGFLEET_PBX_IMAGE', value: `r.example/ringfleet-pbx@${digest}` });
    const job = find(objects, 'Job', 'ringfleet-operator-classes');
    expect(job?.['spec'].template.spec.containers[0].image).toBe(container.image);
  });
});

describe('the pod', () => {
  it.each([
    [{ imagePullSecrets: [{ name: 'registry' }] }, { imagePullSecrets: [{ name: 'registry' }] }],
    [{ nodeSelector: { disk: 'ssd' } }, { nodeSelector: { disk: 'ssd' } }],
    [{ tolerations: [{ operator: 'Exists' }] }, { tolerations: [{ operator: 'Exists' }] }],
    [{ affinity: { podAntiAffinity: {} } }, { affinity: { podAntiAffinity: {} } }],
    [{ priorityClassName: 'system-cluster-critical' }, { priorityClassName: 'system-cluster-critical' }],
    [{ podSecurityContext: { fsGroup: 5 } }, { securityContext: { fsGroup: 5, runAsNonRoot: true } }],
    [{ serviceAccount: { name: 'other' } }, { serviceAccountName: 'other' }],
    [{ serviceAccount: { create: false, name: 'given' } }, { serviceAccountName: 'given' }],
  ])('has %j', async (values, expected) => {
    expect(await pod(values)).toMatchObject(expected);
  });

  it.each([
    [
      { resources: { limits: { memory: '1Gi' } } },
      { resources: { limits: { memory: '1Gi' }, requests: { cpu: '100m' } } },
    ],
    [{ securityContext: { runAsUser: 7 } }, { securityContext: { runAsUser: 7, readOnlyRootFilesystem: true } }],
    [{ image: { ...IMAGE, pullPolicy: 'Always' } }, { imagePullPolicy: 'Always' }],
    [
      { deniedNetworks: ['10.0.0.0/8', '172.16.0.0/12'] },
      { args: ['operator', '--cluster-cidrs=10.0.0.0/8,172.16.0.0/12'] },
    ],
    [{ watchNamespaces: ['acme', 'zoo'] }, { args: ['operator', '--watch-namespaces=acme,zoo'] }],
  ])('has a container with %j', async (values, expected) => {
    expect((await pod(values)).containers[0]).toMatchObject(expected);
  });

  it.each([
    [{ logLevel: 'debug' }, { name: 'RINGFLEET_LOG_LEVEL', value: 'debug' }],
    [{ maxHeapMiB: 700 }, { name: 'NODE_OPTIONS', value: '--max-old-space-size=700 --max-semi-space-size=4' }],
  ])('has a variable of %j', async (values, expected) => {
    expect((await pod(values)).containers[0].env).toContainEqual(expected);
  });

  it('is spread by its own labels, or by those that are given', async () => {
    const topology = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
    const labelSelector = { matchLabels: { app: 'x' } };
    const { topologySpreadConstraints } = await pod({
      topologySpreadConstraints: [topology, { ...topology, labelSelector }],
    });

    const own = { 'app.kubernetes.io/name': 'ringfleet-operator', 'app.kubernetes.io/instance': 'ringfleet' };
    expect(topologySpreadConstraints).toEqual([
      { ...topology, labelSelector: { matchLabels: own } },
      { ...topology, labelSelector },
    ]);
    expect((await pod({ topologySpreadConstraints: [] })).topologySpreadConstraints).toBeUndefined();
  });

  it('has its own labels whatever is added', async () => {
    const podLabels = { team: 'voice', 'app.kubernetes.io/name': 'not-ours' };
    const { spec } = await deployment({ podLabels, podAnnotations: { note: 'x' } });

    expect(spec.template.metadata.labels).toMatchObject({ team: 'voice', ...spec.selector.matchLabels });
    expect(spec.template.metadata.annotations).toEqual({ note: 'x' });
  });

  it('does not change with the version of the chart, but for its image', async () => {
    expect(JSON.stringify((await deployment()).spec)).not.toContain('0.1.0');
  });
});

describe('switches', () => {
  const kindsOf = (objects: readonly Rendered[]): Set<string> => new Set(objects.map(({ kind }) => kind));

  it.each([
    [{ crds: { enabled: false } }, 'CustomResourceDefinition'],
    [{ policies: { enabled: false } }, 'ValidatingAdmissionPolicy'],
    [{ policies: { enabled: false } }, 'ValidatingAdmissionPolicyBinding'],
    [{ classes: { enabled: false } }, 'Job'],
    [{ networkPolicy: { enabled: false } }, 'NetworkPolicy'],
    [{ podDisruptionBudget: { enabled: false } }, 'PodDisruptionBudget'],
  ])('%j takes %s away', async (values, kind) => {
    expect(kindsOf(await rendered())).toContain(kind);
    expect(kindsOf(await rendered(values))).not.toContain(kind);
  });

  it('roles.enabled takes those of people away', async () => {
    expect(find(await rendered(), 'ClusterRole', 'ringfleet-edit')).toBeDefined();
    const objects = await rendered({ roles: { enabled: false } });
    const roles = objects.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name);
    expect(roles.sort()).toEqual(['ringfleet-operator', 'ringfleet-operator-classes', 'ringfleet-operator-platform']);
  });

  it('serviceAccount.create leaves it to others, who are to be named', async () => {
    const objects = await rendered({ serviceAccount: { create: false, name: 'given' } });

    expect(find(objects, 'ServiceAccount', 'given')).toBeUndefined();
    expect(find(objects, 'ClusterRoleBinding')?.['subjects'][0].name).toBe('given');
    expect(await refusal(OPERATOR_CHART, { image: IMAGE, serviceAccount: { create: false } })).toContain(
      'serviceAccount.name: name one that exists',
    );
  });

  it('keep the CRDs when the release goes, unless told otherwise', async () => {
    const policies = (objects: readonly Rendered[]): Set<string | undefined> =>
      new Set(
        objects
          .filter(({ kind }) => kind === 'CustomResourceDefinition')
          .map(({ metadata }) => metadata.annotations?.['helm.sh/resource-policy']),
      );

    expect(policies(await rendered())).toEqual(new Set(['keep']));
    expect(policies(await rendered({ crds: { keep: false } }))).toEqual(new Set([undefined]));
  });

  it('add labels and annotations to every object, and never instead of its own', async () => {
    const labels = { team: 'voice', 'app.kubernetes.io/part-of': 'another' };
    const objects = await rendered({ labels, annotations: { contact: 'noc' } }, { knows: MONITORING });

    expect(objects.length).toBeGreaterThan(25);
    for (const { metadata } of objects) {
      expect(metadata.labels).toMatchObject({ team: 'voice', 'app.kubernetes.io/part-of': 'ringfleet' });
      expect(metadata.annotations).toMatchObject({ contact: 'noc' });
    }
  });
});

const MONITORING = ['PodMonitor', 'ServiceMonitor', 'PrometheusRule'].map(kind => `monitoring.coreos.com/v1/${kind}`);

describe('what needs the Prometheus operator', () => {
  it.each([
    ['auto', [], false],
    ['auto', MONITORING, true],
    ['always', [], true],
    ['never', MONITORING, false],
  ] as const)('is there or not with %s', async (when, knows, there) => {
    const metrics = { monitor: { render: when, labels: { prometheus: 'main' } }, rules: { render: when } };
    const objects = await rendered({ metrics }, { knows });

    for (const kind of ['PodMonitor', 'PrometheusRule']) expect(find(objects, kind) !== undefined, kind).toBe(there);
    if (there) expect(find(objects, 'PodMonitor')?.metadata.labels).toMatchObject({ prometheus: 'main' });
    expect(find(objects, 'Service', 'ringfleet-operator-metrics')).toBeUndefined();
  });

  it('finds the pods by their own labels, through a Service where that is wanted', async () => {
    const objects = await rendered({ metrics: { monitor: { kind: 'ServiceMonitor' } } }, { knows: MONITORING });
    const labels = find(objects, 'Deployment')?.['spec'].template.metadata.labels;

    const service = find(objects, 'Service', 'ringfleet-operator-metrics');
    expect(service?.['spec'].selector).toEqual(labels);
    const monitor = find(objects, 'ServiceMonitor');
    expect(service?.metadata.labels).toMatchObject(monitor?.['spec'].selector.matchLabels);
    expect(monitor?.['spec'].endpoints).toEqual([{ port: 'http', path: '/metrics', interval: '30s' }]);
    expect(find(objects, 'PodMonitor')).toBeUndefined();
  });
});

describe('a list of namespaces', () => {
  it('is all that the operator has rights in, beside its own', async () => {
    const objects = await rendered({ watchNamespaces: ['acme', 'zoo'] });

    const everywhere = objects.filter(({ kind }) => kind === 'ClusterRoleBinding').map(({ metadata }) => metadata.name);
    expect(everywhere.sort()).toEqual(['ringfleet-operator-classes', 'ringfleet-operator-platform']);
    const bound = objects.filter(one => one.kind === 'RoleBinding' && one['roleRef'].kind === 'ClusterRole');
    expect(bound.map(({ metadata }) => metadata.namespace).sort()).toEqual(['acme', 'ringfleet-system', 'zoo']);
    const platform = find(objects, 'ClusterRole', 'ringfleet-operator-platform');
    expect(new Set(platform?.['rules'].flatMap((rule: { verbs: string[] }) => rule.verbs))).toEqual(
      new Set(['get', 'list', 'watch']),
    );
  });
});

describe('the network policy', () => {
  it('lets in health and metrics alone, and out everything unless told otherwise', async () => {
    const policy = find(await rendered({ networkPolicy: { from: [{ namespaceSelector: {} }] } }), 'NetworkPolicy');

    expect(policy?.['spec']).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: 'http' }] }],
    });
  });

  it('lets out names, the API server and agents', async () => {
    const values = { networkPolicy: { restrictEgress: true, apiServerPorts: [16443] } };
    const policy = find(await rendered(values), 'NetworkPolicy');

    expect(policy?.['spec'].policyTypes).toEqual(['Ingress', 'Egress']);
    expect(
      policy?.['spec'].egress.map((one: { ports?: { port: number }[] }) => one.ports?.map(({ port }) => port)),
    ).toEqual([[53, 53], [16443], undefined]);
  });
});

import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { tenantKinds } from '../../src/api/tenant-kinds.ts';
import { listName } from '../../src/tools/tenant-chart/lists.ts';
import { HELMS, helm, tryHelm } from '../cluster/helm.ts';
import { type Rendered, type RenderOptions, refusal, render, type Values } from './render.ts';

/** charts/tenant, as Helm renders it. */
const root = join(import.meta.dirname, '../..');
const CHART = join(root, 'charts/tenant');
const IN_ACME: RenderOptions = { release: 'acme', namespace: 'acme' };
const IMAGE = { registry: 'r.example', operator: { tag: '1' }, pbx: { tag: '2' } };

const rendered = (values: Values = {}, options: RenderOptions = {}): Promise<Rendered[]> =>
  render(CHART, { image: IMAGE, ...values }, { ...IN_ACME, ...options });

const refused = (values: Values, options: RenderOptions = {}): Promise<string> =>
  refusal(CHART, { image: IMAGE, ...values }, { ...IN_ACME, ...options });

const ofKind = (objects: readonly Rendered[], kind: string): Rendered[] => objects.filter(one => one.kind === kind);

/** What the release is made of; the rest is there while it is uninstalled or tested. */
function parts(objects: readonly Rendered[]): Rendered[] {
  return objects.filter(({ metadata }) => !metadata.annotations?.['helm.sh/hook']);
}

const hooks = (objects: readonly Rendered[], event: string): Rendered[] =>
  objects.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === event);

const jane = { name: 'jane', extension: '1001', fullName: 'Jane Doe' };

/** A folder of samples as values: what a person would do who moves from manifests to the chart. */
async function asValues(folder: string): Promise<{ values: Record<string, unknown>; manifests: Rendered[] }> {
  const paths = globSync(`config/samples/${folder}/*.yaml`, { cwd: root });
  const texts = await Promise.all(paths.map(path => readFile(join(root, path), 'utf8')));
  const manifests = texts.flatMap(text => parseAllDocuments(text).map(one => one.toJS() as Rendered));
  const lists = tenantKinds.map(info => [
    listName(info),
    ofKind(manifests, info.kind).map(({ metadata, ['spec']: spec }) => ({ name: metadata.name, ...spec })),
  ]);
  const secrets = ofKind(manifests, 'Secret').map(one => ({ name: one.metadata.name, data: one['stringData'] }));
  const [organization] = ofKind(manifests, 'Organization');
  return { values: { organization: organization?.['spec'] ?? {}, ...Object.fromEntries(lists), secrets }, manifests };
}

describe.each(HELMS)('by Helm %s', major => {
  it('passes the linter', async () => {
    const { code, stdout, stderr } = await tryHelm(['lint', CHART, '--strict', '--set', 'image.registry=r'], { major });

    expect(stdout + stderr).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(code).toBe(0);
  });

  it.each(['hotel', 'location'])('makes the manifests of the sample %s of the same values', async folder => {
    const { values, manifests } = await asValues(folder);
    const objects = parts(await rendered({ ...values, namespace: 'grand-estancia', createNamespace: true }, { major }));

    const expected = manifests.filter(({ kind }) => kind !== 'Namespace');
    for (const one of expected) {
      const same = ofKind(objects, one.kind).find(({ metadata }) => metadata.name === one.metadata.name);
      expect(same?.['spec']).toEqual(one['spec']);
      expect(same?.['stringData']).toEqual(one['stringData']);
    }
    const ours = objects.filter(({ kind }) => kind !== 'Namespace' && kind !== 'Organization');
    expect(ours).toHaveLength(expected.filter(({ kind }) => kind !== 'Organization').length);
  });

  it.each([
    [{ users: [{ ...jane, extention: '1001' }] }, /users\W+0.*extention/s],
    [{ users: [jane, { ...jane, ring: { secnds: 5 } }] }, /users\W+1\W+ring.*secnds/s],
    [{ users: [{ ...jane, ring: { seconds: 2 } }] }, /users\W+0\W+ring\W+seconds/],
    [{ users: [{ ...jane, extension: 1001 }] }, /users\W+0\W+extension/],
    [{ users: [{ name: 'jane', fullName: 'Jane' }] }, /users\W+0.*extension/s],
    [{ users: [{ ...jane, name: 'Jane Doe' }] }, /users\W+0\W+name/],
    [{ users: [{ ...jane, ring: { target: { sip: {}, none: {} } } }] }, /users\W+0\W+ring\W+target/],
    [{ users: { jane } }, /users/],
    [{ sipusers: [jane] }, /sipusers/],
    [{ organization: { limits: { user: 5 } } }, /organization\W+limits.*user/s],
    [{ organization: { limits: { storage: '5 GB' } } }, /organization\W+limits\W+storage/],
    [{ organization: { name: 'acme' } }, /organization.*name/s],
    [{ trunks: [{ name: 'carrier', servers: [{ name: 'a', host: 'a b' }] }] }, /trunks\W+0\W+servers\W+0\W+host/],
    [{ phoneNumbers: [{ name: 'main', number: '0442' }] }, /phoneNumbers\W+0\W+number/],
    [{ locations: [{ name: 'x', country: 'gb' }] }, /locations\W+0\W+country/],
    [{ secrets: [{ name: 'carrier', data: { password: 5 } }] }, /secrets\W+0\W+data\W+password/],
    [{ deletion: 'yes' }, /deletion/],
    [{ namespace: 'n'.repeat(41) }, /namespace/],
    [{ image: { registry: 'r', operater: {} } }, /image.*operater/s],
  ])('names what is wrong in %j', async (values, path) => {
    expect(await refused(values, { major })).toMatch(path);
  });

  it('names who is there twice', async () => {
    expect(await refused({ users: [jane, { ...jane, extension: '1002' }] }, { major })).toContain(
      'users: two of them are called jane',
    );
  });
});

it('has a version for each release', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

  expect(parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'))).toMatchObject({ version, appVersion: version });
});

describe('namespaces', () => {
  it('are that of the release, unless another is named', async () => {
    for (const values of [{}, { namespace: 'zoo' }]) {
      const name = values.namespace ?? 'acme';
      const objects = await rendered({ ...values, users: [jane], secrets: [{ name: 'one', data: { a: 'b' } }] });

      expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set([name]));
      expect(ofKind(objects, 'Organization').map(({ metadata }) => metadata.name)).toEqual([name]);
    }
  });

  it('are made where that is wanted, restricted unless told otherwise', async () => {
    const values = { namespace: 'zoo', createNamespace: true, namespaceAnnotations: { owner: 'noc' } };
    const [namespace] = ofKind(await rendered(values), 'Namespace');

    expect(namespace?.metadata).toMatchObject({
      name: 'zoo',
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      annotations: { owner: 'noc', 'helm.sh/resource-policy': 'keep' },
    });
    const namespaceLabels = { tier: 'hosted', 'pod-security.kubernetes.io/enforce': 'baseline' };
    const [other] = ofKind(await rendered({ ...values, namespaceLabels }), 'Namespace');
    expect(other?.metadata.labels).toMatchObject(namespaceLabels);
  });

  it('are not made where the release is itself', async () => {
    expect(await refused({ createNamespace: true })).toContain('createNamespace: acme has the release itself');
  });
});

describe('deletion', () => {
  const annotation = async (deletion: string): Promise<string | undefined> => {
    const [organization] = ofKind(await rendered({ deletion }), 'Organization');
    return organization?.metadata.annotations?.['ringfleet.io/delete'];
  };

  it('is confirmed on the Organization, or asked for before', async () => {
    expect(await annotation('refuse')).toBeUndefined();
    expect(await annotation('cascade')).toBe('cascade');
    expect(await annotation('purge')).toBe('purge');
    expect(hooks(await rendered(), 'pre-delete').map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'Job',
    ]);
    expect(hooks(await rendered({ deletion: 'cascade' }), 'pre-delete')).toEqual([]);
  });

  it('takes a namespace along when its claims are to go too', async () => {
    const [namespace] = ofKind(
      await rendered({ namespace: 'zoo', createNamespace: true, deletion: 'purge' }),
      'Namespace',
    );

    expect(namespace?.metadata.annotations).toBeUndefined();
  });

  it('is refused by who may read that one Organization, and nothing else', async () => {
    const objects = hooks(await rendered({ namespace: 'zoo' }, { namespace: 'tenants' }), 'pre-delete');

    expect(ofKind(objects, 'Role')[0]?.['rules']).toEqual([
      { apiGroups: ['ringfleet.io'], resources: ['organizations'], resourceNames: ['zoo'], verbs: ['get'] },
    ]);
    expect(ofKind(objects, 'Job')[0]?.['spec'].template.spec.containers[0]).toMatchObject({
      image: 'r.example/ringfleet-operator:1',
      args: ['uninstall-check', '--namespace=zoo', '--release=acme', '--release-namespace=tenants', '--revision=1'],
    });
  });

  it('needs an image to be refused', async () => {
    expect(await refused({ image: {} })).toContain('image.registry: say where the images are');
    expect(await rendered({ image: {}, deletion: 'cascade' })).toHaveLength(1);
  });
});

describe('the test', () => {
  it('is of two users and a pod with no rights', async () => {
    const objects = hooks(await rendered(), 'test');

    const users = ofKind(objects, 'SipUser');
    expect(users.map(({ metadata, ['spec']: spec }) => [metadata.name, spec.extension])).toEqual([
      ['helm-test-1', '77777771'],
      ['helm-test-2', '77777772'],
    ]);
    const [pod] = ofKind(objects, 'Pod');
    expect(pod?.['spec']).toMatchObject({ automountServiceAccountToken: false, restartPolicy: 'Never' });
    expect(pod?.['spec'].containers[0].image).toBe('r.example/ringfleet-pbx:2');
  });

  it('has extensions as long as the Organization allows, or those that are given', async () => {
    const extensions = async (values: Values): Promise<string[]> =>
      ofKind(await rendered(values), 'SipUser').map(({ ['spec']: spec }) => spec.extension);

    expect(await extensions({ organization: { extensions: { maxDigits: 4 } } })).toEqual(['7771', '7772']);
    expect(await extensions({ test: { caller: '990', called: '991' } })).toEqual(['990', '991']);
    expect(await extensions({ test: { enabled: false } })).toEqual([]);
    expect(await refused({ test: { caller: 'jane' } })).toMatch(/test\W+caller/);
  });
});

describe('pods', () => {
  it.each([
    [{ imagePullSecrets: [{ name: 'registry' }] }],
    [{ nodeSelector: { disk: 'ssd' } }],
    [{ tolerations: [{ operator: 'Exists' }] }],
  ])('have %j', async values => {
    const objects = await rendered(values);

    expect(ofKind(objects, 'Job')[0]?.['spec'].template.spec).toMatchObject(values);
    expect(ofKind(objects, 'Pod')[0]?.['spec']).toMatchObject(values);
  });

  it('have images by digest, and those that the whole chart has in common', async () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    const global = {
      ringfleet: {
        image: {
          registry: 'shared.example/',
          operator: { repository: 'not-used', tag: '7' },
          pbx: { repository: 'exchange', digest },
        },
      },
    };
    const objects = await rendered({ image: { operator: { repository: 'own' } }, global });

    expect(JSON.stringify(ofKind(objects, 'Job'))).toContain('"shared.example/own:7"');
    expect(JSON.stringify(ofKind(objects, 'Pod'))).toContain(`"shared.example/exchange@${digest}"`);
  });
});

describe('every object', () => {
  it('has labels and annotations of values, and never instead of its own', async () => {
    const own = { 'app.kubernetes.io/name': 'another', team: 'voice' };
    const user = { ...jane, labels: { floor: '2' }, annotations: { 'ringfleet.io/delete': 'purge' } };
    const objects = await rendered({ labels: own, annotations: { contact: 'noc' }, users: [user] });

    for (const { metadata } of objects) {
      expect(metadata.labels).toMatchObject({ team: 'voice', 'app.kubernetes.io/name': 'ringfleet-tenant' });
      expect(metadata.annotations).toMatchObject({ contact: 'noc' });
    }
    const [found] = parts(ofKind(objects, 'SipUser'));
    expect(found?.metadata).toMatchObject({ labels: user.labels, annotations: user.annotations });
    expect(found?.['spec']).toEqual({ extension: '1001', fullName: 'Jane Doe' });
  });

  it('is the same of another version of the chart', async () => {
    const objects = parts(await rendered({ users: [jane] }));

    expect(JSON.stringify(objects)).not.toContain('0.1.0');
  });

  it('has numbers as they are written', async () => {
    const limits = { monthlyMinutes: 100_000_000, storage: 5_000_000_000_000 };
    const [organization] = ofKind(await rendered({ organization: { limits } }), 'Organization');

    expect(organization?.['spec'].limits).toEqual(limits);
  });
});

describe('2,000 users', () => {
  const users = Array.from({ length: 2_000 }, (_, at) => ({
    name: `user-${at}`,
    extension: String(10_000 + at),
    fullName: `User Number ${at}`,
    email: `user.number.${at}@acme.example`,
    mobile: `+4479${String(at * 7919 + 10_000_000).padStart(8, '0')}`,
    permissions: { dial: ['Internal', 'National'] },
  }));
  const values = { image: IMAGE, organization: { limits: { users: 2_100 } }, users };

  /** As Helm keeps it: the chart, values and manifests as JSON, compressed, in base64. A Secret may have 1 MiB. */
  it('fit into a release', async () => {
    const words = ['install', 'acme', CHART, '--namespace=acme', '--dry-run=client', '--output=json', '--values=-'];
    const release = await helm(words, { input: JSON.stringify(values) });

    expect(JSON.parse(release).manifest).toContain('name: user-1999\n');
    expect(gzipSync(release, { level: 9 }).toString('base64').length).toBeLessThan(400_000);
  });

  it.each(HELMS)('are rendered by Helm %s', async major => {
    expect(parts(ofKind(await rendered(values, { major }), 'SipUser'))).toHaveLength(2_000);
  });
});

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { until } from '../../src/runtime/clock.ts';
import { apply, environment, kubectl } from './environment.ts';

/** Ringfleet as a platform engineer installs it: CRDs, classes, and config/operator with the images of this cluster. */
const root = join(import.meta.dirname, '../..');
export const OPERATOR_NAMESPACE = 'ringfleet-system';
const OPERATOR_PODS = 'app.kubernetes.io/name=ringfleet-operator';

export async function installContract(): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', join(root, 'crds')]);
  await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
}

export async function install(): Promise<void> {
  await installContract();
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', join(root, 'config/classes')]);
  for (const manifests of await operatorManifests()) await apply(...manifests);
  await kubectl(['-n', OPERATOR_NAMESPACE, 'rollout', 'status', 'deployment/ringfleet-operator', '--timeout=120s']);
  await until('an operator to lead', leader, { deadlineMs: 60_000, everyMs: 200 });
}

/** The namespace first: what is in it comes after. */
async function operatorManifests(): Promise<unknown[][]> {
  const { images } = environment();
  const folder = join(root, 'config/operator');
  const files = (await readdir(folder)).filter(name => name !== 'kustomization.yaml');
  const first = ['namespace.yaml', ...files.filter(name => name !== 'namespace.yaml')];
  return Promise.all(
    first.map(async name => {
      const text = (await readFile(join(folder, name), 'utf8'))
        .replaceAll('ringfleet.local/operator:dev', images.operator)
        .replaceAll('ringfleet.local/pbx:dev', images.pbx);
      return [...parseAllDocuments(text)].map(document => document.toJS() as unknown);
    }),
  );
}

/** Who leads: `<pod>_<process>`. */
export async function leader(): Promise<string | undefined> {
  const words = [
    '-n',
    OPERATOR_NAMESPACE,
    'get',
    'lease',
    'ringfleet-operator',
    '-o',
    'jsonpath={.spec.holderIdentity}',
  ];
  return (await kubectl(words).catch(() => '')) || undefined;
}

export async function operatorPods(): Promise<string[]> {
  const words = [
    '-n',
    OPERATOR_NAMESPACE,
    'get',
    'pods',
    '-l',
    OPERATOR_PODS,
    '-o',
    'jsonpath={.items[*].metadata.name}',
  ];
  return (await kubectl(words)).split(' ').filter(Boolean);
}

export async function operatorLogs(): Promise<string> {
  const logs = await Promise.all(
    (await operatorPods()).map(pod => kubectl(['-n', OPERATOR_NAMESPACE, 'logs', pod]).catch(() => '')),
  );
  return logs.join('\n');
}

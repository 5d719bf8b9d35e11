import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, kubectl, type Result, tryKubectl } from '../environment.ts';
import { type HelmMajor, helm, tryHelm } from '../helm.ts';
import { OPERATOR_NAMESPACE } from '../platform.ts';
import { restrictedNamespace } from '../pods.ts';

/** The operator as a release of charts/ringfleet. */
const CHART = join(import.meta.dirname, '../../../charts/ringfleet');
const RELEASE = 'ringfleet';
const IN_NAMESPACE = ['--namespace', OPERATOR_NAMESPACE];

export type Values = Readonly<Record<string, unknown>>;

export interface ReleaseOptions {
  readonly major?: HelmMajor;
  readonly chart?: string;
  readonly more?: readonly string[];
}

/** The images of this cluster, and what a test sets. */
function withImages(values: Values = {}): string {
  const { images } = environment();
  const [registry = '', operator = ''] = apart(images.operator);
  const [, pbx = ''] = apart(images.pbx);
  const image = { registry, operator: tagged(operator), pbx: tagged(pbx) };
  return JSON.stringify({ ...values, image: { ...image, ...(values['image'] as object | undefined) } });
}

const apart = (image: string): string[] => [
  image.slice(0, image.lastIndexOf('/')),
  image.slice(image.lastIndexOf('/') + 1),
];

function tagged(image: string): { repository: string; tag: string } {
  const [repository = '', tag = ''] = image.split(':');
  return { repository, tag };
}

/** Installs the release, or upgrades it, and waits until its operators are ready. */
export async function release(values: Values = {}, options: ReleaseOptions = {}): Promise<string> {
  const { major = 4, chart = CHART, more = [] } = options;
  const words = [
    'upgrade',
    '--install',
    RELEASE,
    chart,
    ...IN_NAMESPACE,
    '--wait',
    '--timeout=150s',
    '--values=-',
    ...more,
  ];
  return helm(words, { major, input: withImages(values) });
}

export function tryRelease(values: Values, more: readonly string[]): Promise<Result> {
  const words = ['upgrade', RELEASE, CHART, ...IN_NAMESPACE, '--values=-', ...more];
  return tryHelm(words, { input: withImages(values) });
}

export async function rollback(revision: number): Promise<void> {
  await helm(['rollback', RELEASE, String(revision), ...IN_NAMESPACE, '--wait', '--timeout=150s']);
}

export async function uninstall(): Promise<void> {
  await helm(['uninstall', RELEASE, ...IN_NAMESPACE, '--wait', '--timeout=150s']);
}

/** State and number of the newest revision. */
export async function newest(): Promise<{ status: string; revision: number }> {
  const { info, version } = JSON.parse(await helm(['status', RELEASE, ...IN_NAMESPACE, '--output=json']));
  return { status: info.status, revision: version };
}

/** The manifests of a release as they would be, with the switches that need nothing else in the cluster. */
export function manifests(values: Values, major: HelmMajor): Promise<string> {
  return helm(['template', RELEASE, CHART, ...IN_NAMESPACE, '--values=-'], { major, input: withImages(values) });
}

/** A copy of the chart to change, in a folder of this process's. */
export async function chartCopy(): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'ringfleet-chart-')), 'ringfleet');
  await cp(CHART, folder, { recursive: true });
  return folder;
}

/** A cluster that never had Ringfleet, with a namespace for it. Where anybody's tenants are nothing is removed. */
export async function virgin(): Promise<void> {
  const { code, stdout } = await tryKubectl(['get', 'organizations', '-A', '-o', 'name']);
  if (code === 0 && stdout.trim()) throw new Error(`This cluster has tenants: ${stdout.trim().replaceAll('\n', ' ')}`);
  await remove();
  await restrictedNamespace(OPERATOR_NAMESPACE);
}

/** All of it goes: the release, what it kept, and its namespace. */
export async function remove(): Promise<void> {
  await tryHelm(['uninstall', RELEASE, ...IN_NAMESPACE, '--ignore-not-found', '--wait', '--timeout=60s']);
  const crds = (await kubectl(['get', 'crd', '-o', 'name'])).split('\n').filter(name => name.endsWith('.ringfleet.io'));
  if (crds.length > 0) await kubectl(['delete', ...crds, '--timeout=60s']);
  await kubectl(['delete', 'namespace', OPERATOR_NAMESPACE, '--ignore-not-found', '--timeout=60s']);
}

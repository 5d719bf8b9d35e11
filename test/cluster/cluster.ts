import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, until } from '../../src/runtime/clock.ts';
import type { Say } from '../../src/standalone/command.ts';
import { makeCgroups, removeCgroups } from './cgroups.ts';
import { type Daemon, daemons } from './daemons.ts';
import { ensureFirewall } from './firewall.ts';
import { ensureHelm } from './helm.ts';
import { ensureHyperkube } from './hyperkube.ts';
import { importImages } from './images.ts';
import {
  API_SERVER,
  hostOf,
  inside,
  makeNetwork,
  NODE,
  OUTSIDE_ADDRESSES,
  outsideOf,
  removeNetwork,
} from './network.ts';
import { writeNodeFiles } from './node-files.ts';
import { ensurePackages } from './packages.ts';
import { makePki } from './pki.ts';
import {
  daemonOf,
  end,
  type Identity,
  identify,
  isRunning,
  output,
  processesWith,
  startDaemon,
  stopDaemon,
} from './process.ts';
import { storage } from './storage.ts';

/**
 * A real Kubernetes of one node, on this machine, without a virtual machine, Docker or a registry. All of it lives in
 * one folder, two network namespaces and one cgroup of the same name, and goes with them.
 */
export interface Cluster {
  readonly directory: string;
  /** Words before a command that is to run where phones are. */
  readonly wrap: readonly string[];
  /** What tests find the cluster by; see environment.ts. */
  readonly env: Readonly<Record<string, string>>;
}

const PREFIX = 'ringfleet-cluster-';

export interface StartOptions {
  /** Default: this process's id. */
  readonly name?: string;
  /** It stays when this process ends; otherwise the next start anywhere removes it. */
  readonly keep?: boolean;
}

/** Starts a cluster with the images of the sources as they are now, and removes those that died owners left. */
export async function startCluster(say: Say, options: StartOptions = {}): Promise<Cluster> {
  const began = systemClock.monotonic();
  const step = (what: string): void => say(`${what} (${((systemClock.monotonic() - began) / 1000).toFixed(1)} s)`);
  if (process.getuid?.() !== 0) throw new Error('A cluster for tests needs root; or set RINGFLEET_KUBECONFIG');
  await sweep(say);
  await ensurePackages(say);
  const bin = await ensureHyperkube(say);
  const firewall = await ensureFirewall(say);
  await ensureHelm(say);
  const name = PREFIX + (options.name ?? process.pid);
  const directory = join(tmpdir(), name);
  await mkdir(directory);
  const cluster = describe(directory, bin);
  await writeFile(join(directory, OWNER), JSON.stringify(await identify(process.pid)));
  try {
    await prepare(directory, name);
    step('Starting Kubernetes');
    await boot(cluster, { bin, firewall }, say);
    step('Kubernetes is ready');
    await writeFile(join(directory, DESCRIPTION), JSON.stringify(cluster));
    if (options.keep) await writeFile(join(directory, OWNER), 'null');
    return cluster;
  } catch (error) {
    await explain(directory, say);
    await stopCluster(directory);
    throw error;
  }
}

const OWNER = 'owner.json';
const DESCRIPTION = 'cluster.json';

function describe(directory: string, bin: string): Cluster {
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  return {
    directory,
    wrap: inside(outsideOf(name)),
    env: {
      RINGFLEET_KUBECONFIG: join(directory, 'admin.kubeconfig'),
      KUBECONFIG: join(directory, 'admin.kubeconfig'),
      RINGFLEET_TEST_BIN: bin,
      RINGFLEET_TEST_CLUSTER: directory,
      RINGFLEET_TEST_CONTAINERD: join(directory, 'containerd.sock'),
      RINGFLEET_TEST_NODE_NAMESPACE: name,
      RINGFLEET_TEST_HOST_NAMESPACE: hostOf(name),
      RINGFLEET_TEST_ADDRESSES: OUTSIDE_ADDRESSES.join(','),
    },
  };
}

/** Finds a running cluster that `startCluster` made under this name. */
export async function findCluster(name: string): Promise<Cluster | undefined> {
  const directory = join(tmpdir(), PREFIX + name);
  const text = await readFile(join(directory, DESCRIPTION), 'utf8').catch(() => undefined);
  return text === undefined || !(await serves(directory)) ? undefined : (JSON.parse(text) as Cluster);
}

async function serves(directory: string): Promise<boolean> {
  const daemon = await daemonOf(directory, 'kube-apiserver');
  return daemon !== undefined && (await isRunning(daemon));
}

async function prepare(directory: string, name: string): Promise<void> {
  await makeNetwork(name);
  await makeCgroups(name);
  await makePki(directory, { ...NODE, server: API_SERVER });
  await writeNodeFiles(directory, name);
}

/** What is not in Debian. */
interface Programs {
  readonly bin: string;
  readonly firewall: string;
}

async function boot({ directory, env }: Cluster, { bin, firewall }: Programs, say: Say): Promise<void> {
  const name = env['RINGFLEET_TEST_NODE_NAMESPACE'] ?? '';
  const onNode = (...words: string[]): Promise<string> => {
    const [file = '', ...args] = [...inside(name), ...words];
    return output(file, ...args);
  };
  const kubectl = (...words: string[]): Promise<string> =>
    onNode(join(bin, 'kubectl'), `--kubeconfig=${env['KUBECONFIG']}`, ...words);
  const fileOf = (daemon: string): string =>
    daemon === 'kube-router' ? firewall : daemon.startsWith('kube') ? join(bin, daemon) : daemon;
  const start = async (after: Daemon['after']): Promise<void> => {
    for (const daemon of daemons(directory).filter(one => one.after === after)) {
      await startDaemon(directory, daemon.name, [...inside(name), fileOf(daemon.name), ...daemon.args]);
    }
  };
  await start(undefined);
  const socket = env['RINGFLEET_TEST_CONTAINERD'] ?? '';
  await until('containerd answers', () => succeeds(output('ctr', `--address=${socket}`, 'version')), {
    deadlineMs: 30_000,
  });
  const imported = importImages(socket, say);
  imported.catch(() => undefined); // awaited below; no pod is made before
  await until('the API server is ready', () => succeeds(kubectl('get', '--raw=/readyz')), { deadlineMs: 120_000 });
  await start('server');
  await storage(directory, kubectl);
  const user = '--user=system:kube-proxy';
  await kubectl('create', 'clusterrolebinding', 'kube-proxy', '--clusterrole=system:node-proxier', user);
  const ready = ['wait', '--for=condition=Ready', '--timeout=5s', `node/${NODE.name}`];
  await until('the node is ready', () => succeeds(kubectl(...ready)), { deadlineMs: 120_000, everyMs: 200 });
  await start('node');
  await imported;
  await until('NetworkPolicies are enforced', () => enforces(onNode), { deadlineMs: 30_000 });
  await until('pods can be made', () => succeeds(kubectl('get', 'serviceaccount', 'default')), { deadlineMs: 30_000 });
}

/** Whether the firewall has made its first pass; this rule is the last of it. Where the kernel lacks something it ends. */
async function enforces(onNode: (...words: string[]) => Promise<string>): Promise<true | undefined> {
  const rules = await onNode('iptables', '--list-rules', 'KUBE-ROUTER-FORWARD').catch(() => '');
  return rules.includes('-j KUBE-NWPLCY-TAIL') || undefined;
}

const succeeds = (work: Promise<unknown>): Promise<true | undefined> =>
  work.then(
    () => true as const,
    () => undefined,
  );

/** The last words of each daemon, since the folder goes. */
async function explain(directory: string, say: Say): Promise<void> {
  const logs = join(directory, 'log');
  for (const name of await readdir(logs).catch(() => [])) {
    const text = await readFile(join(logs, name), 'utf8').catch(() => '');
    say(`--- ${name}\n${text.trim().split('\n').slice(-8).join('\n')}`);
  }
}

/** Ends everything of a cluster, in an order in which nobody brings back what another took down. */
export async function stopCluster(directory: string): Promise<void> {
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  const socket = join(directory, 'containerd.sock');
  for (const daemon of ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kube-router']) {
    await stopDaemon(directory, daemon);
  }
  await removeCgroups(name);
  for (const daemon of ['containerd', 'kube-apiserver', 'etcd']) await stopDaemon(directory, daemon);
  await Promise.all((await processesWith(socket)).map(end));
  await unmountBelow(directory);
  await removeCgroups(name);
  await removeNetwork(name);
  await removeTraces(name, directory);
  await rm(directory, { recursive: true, force: true });
}

async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map(line => line.split(' ')[1] ?? '');
  // nested ones first
  for (const mount of mounts.filter(path => path.startsWith(`${directory}/`)).reverse()) {
    await output('umount', '--lazy', mount).catch(() => undefined);
  }
}

const SANDBOXES = 'containerd/root/io.containerd.grpc.v1.cri/sandboxes';

/** What kubelet and the network plugins leave at places that nobody can choose. */
async function removeTraces(name: string, directory: string): Promise<void> {
  const results = '/var/lib/cni/results';
  const sandboxes = new Set(await readdir(join(directory, SANDBOXES)).catch(() => []));
  for (const file of await readdir(results).catch(() => [])) {
    const [, sandbox = ''] = /^cni-loopback-(\w+)-/.exec(file) ?? [];
    if (file.startsWith(`${name}-`) || sandboxes.has(sandbox)) await rm(join(results, file), { force: true });
  }
  const links = '/var/log/containers';
  for (const file of await readdir(links).catch(() => [])) {
    const target = await output('readlink', join(links, file)).catch(() => '');
    if (target.startsWith(`${directory}/`)) await rm(join(links, file), { force: true });
  }
}

/** Removes the clusters that nobody will. */
async function sweep(say: Say): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const directory = join(tmpdir(), name);
    if (!name.startsWith(PREFIX) || !(await isAbandoned(directory))) continue;
    say(`Removing ${name}, which a run that died left behind`);
    await stopCluster(directory);
  }
}

/** Its owner died; or it was to stay and is dead itself; or somebody died while making or removing the folder. */
async function isAbandoned(directory: string): Promise<boolean> {
  const text = await readFile(join(directory, OWNER), 'utf8').catch(() => undefined);
  if (text === undefined) {
    const { mtimeMs } = await stat(directory);
    return systemClock.now() - mtimeMs > 60_000;
  }
  const owner = JSON.parse(text) as Identity | null;
  return owner === null ? !(await serves(directory)) : !(await isRunning(owner));
}

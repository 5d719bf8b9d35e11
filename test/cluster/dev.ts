import { spawn } from 'node:child_process';
import { type Cluster, findCluster, startCluster, stopCluster } from './cluster.ts';
import { importImages } from './images.ts';

/**
 * `npm run cluster -- VERB`: a cluster that stays, to develop against. RINGFLEET_CLUSTER names it (default: dev), so
 * that several can run.
 */
const USAGE = `npm run cluster -- up           start a cluster and leave it running
                  images       build the images of the sources as they are, and bring them in
                  exec CMD…    run a command where phones are, with kubectl and the cluster's environment
                  node CMD…    the same in the node's own network
                  env          print the environment
                  down         remove it`;

const name = process.env['RINGFLEET_CLUSTER'] || 'dev';

async function main(verb: string | undefined, words: readonly string[]): Promise<number> {
  const cluster = await findCluster(name);
  if (verb === 'up') return up(cluster);
  if (!cluster) {
    console.error(verb ? `There is no cluster "${name}"` : USAGE);
    return 2;
  }
  if (verb === 'images') await importImages(cluster.env['RINGFLEET_TEST_CONTAINERD'] ?? '', console.error);
  else if (verb === 'exec') return run(cluster, cluster.wrap, words);
  else if (verb === 'node') return run(cluster, nodeWrap(cluster), words);
  else if (verb === 'env') for (const [key, value] of Object.entries(cluster.env)) console.log(`${key}=${value}`);
  else if (verb === 'down') await stopCluster(cluster.directory);
  else {
    console.error(USAGE);
    return 2;
  }
  return 0;
}

async function up(known: Cluster | undefined): Promise<number> {
  const cluster = known ?? (await startCluster(console.error, { name, keep: true }));
  console.error(`kubeconfig ${cluster.env['KUBECONFIG']}, reached from: ${cluster.wrap.join(' ')} CMD`);
  return 0;
}

const nodeWrap = (cluster: Cluster): string[] => [
  'nsenter',
  `--net=/run/netns/${cluster.env['RINGFLEET_TEST_NODE_NAMESPACE']}`,
];

function run(cluster: Cluster, wrap: readonly string[], words: readonly string[]): Promise<number> {
  const [file = '', ...args] = [...wrap, ...words];
  const PATH = `${cluster.env['RINGFLEET_TEST_BIN']}:${process.env['PATH']}`;
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...cluster.env, PATH } });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve(code ?? 1));
  });
}

const [verb, ...words] = process.argv.slice(2);
process.exitCode = await main(verb, words);

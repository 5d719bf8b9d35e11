import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { IMAGES } from './images.ts';

/**
 * The cluster that tests run against, from the environment that test/run.ts and `npm run cluster -- exec` set. Against
 * another cluster RINGFLEET_KUBECONFIG alone is enough, where it knows the images and kubectl is there.
 */
export interface Environment {
  readonly kubeconfig: string;
  /** Local addresses to bind phones and carriers to, which pods can reach. */
  readonly addresses: readonly string[];
  readonly images: { readonly pbx: string; readonly next: string; readonly operator: string };
  /** What lies beneath the cluster, where it is the tests' own: containerd's socket, network namespaces by name. */
  readonly own?: { readonly containerd: string; readonly nodeNamespace: string; readonly hostNamespace: string };
}

export function environment(): Environment {
  const { env } = process;
  const kubeconfig = env['RINGFLEET_KUBECONFIG'];
  if (!kubeconfig) throw new Error('No cluster: use `npm run test:cluster` or `npm run cluster -- exec …`');
  const containerd = env['RINGFLEET_TEST_CONTAINERD'];
  const nodeNamespace = env['RINGFLEET_TEST_NODE_NAMESPACE'];
  const hostNamespace = env['RINGFLEET_TEST_HOST_NAMESPACE'];
  return {
    kubeconfig,
    addresses: (env['RINGFLEET_TEST_ADDRESSES'] ?? '127.0.0.1').split(','),
    images: {
      pbx: env['RINGFLEET_TEST_PBX_IMAGE'] || IMAGES.pbx,
      next: env['RINGFLEET_TEST_NEXT_IMAGE'] || IMAGES.next,
      operator: env['RINGFLEET_TEST_OPERATOR_IMAGE'] || IMAGES.operator,
    },
    ...(containerd && nodeNamespace && hostNamespace ? { own: { containerd, nodeNamespace, hostNamespace } } : {}),
  };
}

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl, whatever comes of it. */
export function tryKubectl(words: readonly string[], input = ''): Promise<Result> {
  const bin = process.env['RINGFLEET_TEST_BIN'];
  const args = [`--kubeconfig=${environment().kubeconfig}`, ...words];
  return tryProgram(bin ? join(bin, 'kubectl') : 'kubectl', args, { input });
}

/** Runs a program to its end, whatever comes of it. */
export function tryProgram(
  file: string,
  args: readonly string[],
  { input = '', env = process.env }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Result> {
  const child = spawn(file, args, { stdio: 'pipe', env });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      texts[stream] += chunk;
    });
  }
  child.stdin.on('error', () => undefined); // it may end before it has read everything
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve({ code: code ?? 1, ...texts }));
  });
}

/** Runs kubectl and returns what it printed; throws its words when it fails. */
export async function kubectl(words: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(words, input);
  if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** Applies manifests as they are. */
export function apply(...manifests: readonly unknown[]): Promise<string> {
  const list = { apiVersion: 'v1', kind: 'List', items: manifests };
  return kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], JSON.stringify(list));
}

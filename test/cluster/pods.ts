import { apply, environment, kubectl } from './environment.ts';

/** A pod of the pbx image under the strictest Pod Security level, to run commands in. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
}

export interface PodOptions extends Pod {
  readonly image?: string;
  readonly command: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Writable places; everything else is read-only. */
  readonly folders?: readonly string[];
}

const LOCKED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

export async function restrictedNamespace(name: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', ...more };
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

/** Starts the pod and waits until it is ready. */
export async function startPod({ namespace, name, ...options }: PodOptions): Promise<Pod> {
  const folders = (options.folders ?? []).map((mountPath, index) => ({ name: `folder-${index}`, mountPath }));
  const container = {
    name: 'main',
    image: options.image ?? environment().images.pbx,
    command: options.command,
    securityContext: LOCKED,
    volumeMounts: folders,
  };
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: options.labels ?? {} },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      hostAliases: [{ ip: '::1', hostnames: [name] }],
      containers: [container],
      volumes: folders.map(folder => ({ name: folder.name, emptyDir: {} })),
    },
  });
  await kubectl(['wait', `--namespace=${namespace}`, '--for=condition=Ready', '--timeout=60s', `pod/${name}`]);
  return { namespace, name };
}

/** Runs a command in the pod. */
export function execIn({ namespace, name }: Pod, command: readonly string[], input?: string): Promise<string> {
  return kubectl(
    ['exec', ...(input === undefined ? [] : ['-i']), `--namespace=${namespace}`, name, '--', ...command],
    input,
  );
}

import { readFileSync } from 'node:fs';

/**
 * The address of the API server and our credentials. Certificates are read again each time they are asked for, and the
 * authorization before each request, because the kubelet and login plugins replace them while we run.
 */
export interface ServerAccess {
  readonly server: string;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** `refused`: the last one was answered with 401, so a cached one is stale. */
  authorization(refused?: boolean): Promise<string | undefined>;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** In a pod its service account, else kubeconfig with all ways to log in that client-node has. */
export async function serverAccess(): Promise<ServerAccess> {
  const host = process.env['KUBERNETES_SERVICE_HOST'];
  if (host && !process.env['KUBECONFIG']) return inCluster(host, process.env['KUBERNETES_SERVICE_PORT'] ?? '443');
  return fromKubeconfig();
}

export function inCluster(host: string, port: string, folder = SERVICE_ACCOUNT): ServerAccess {
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    get ca() {
      return readFileSync(`${folder}/ca.crt`, 'utf8');
    },
    authorization: async () => `Bearer ${readFileSync(`${folder}/token`, 'utf8').trim()}`,
  };
}

interface Login {
  readonly server: string;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
}

async function fromKubeconfig(): Promise<ServerAccess> {
  let login = await kubeconfigLogin();
  let config = login.config;
  return {
    server: login.server,
    get ca() {
      return login.ca;
    },
    get cert() {
      return login.cert;
    },
    get key() {
      return login.key;
    },
    authorization: async (refused = false) => {
      login = await kubeconfigLogin(refused ? undefined : config);
      config = login.config;
      return login.authorization;
    },
  };
}

type KubeConfig = import('@kubernetes/client-node').KubeConfig;

async function kubeconfigLogin(known?: KubeConfig): Promise<Login & { readonly config: KubeConfig }> {
  const config = known ?? (await loadedKubeconfig());
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('The kubeconfig names no cluster');
  const options: { ca?: unknown; cert?: unknown; key?: unknown; headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
  return {
    config,
    server: cluster.server,
    ca: text(options.ca),
    cert: text(options.cert),
    key: text(options.key),
    authorization: options.headers?.['Authorization'],
  };
}

async function loadedKubeconfig(): Promise<KubeConfig> {
  // Imported only when it is needed: the package includes the models of all of Kubernetes.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

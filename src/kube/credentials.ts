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
  /** On each request: as whom a person acts (`--as`). */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Of the kubeconfig's context, when it names one. */
  readonly namespace?: string | undefined;
  /** `refused`: the last one was answered with 401, so a cached one is stale. */
  authorization(refused?: boolean): Promise<string | undefined>;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a person chose of the kubeconfig; what is absent is as kubectl has it. */
export interface KubeconfigChoice {
  /** Path of the file. */
  readonly file?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  /** Impersonation. */
  readonly as?: string;
  readonly asGroups?: readonly string[];
}

/**
 * In a pod its service account; else, or with a choice, kubeconfig with all ways to log in that client-node has. Throws an
 * Error that names what the kubeconfig does not have.
 */
export async function serverAccess(choice: KubeconfigChoice = {}): Promise<ServerAccess> {
  const host = process.env['KUBERNETES_SERVICE_HOST'];
  if (host && !process.env['KUBECONFIG'] && Object.keys(choice).length === 0)
    return inCluster(host, process.env['KUBERNETES_SERVICE_PORT'] ?? '443');
  return fromKubeconfig(choice);
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
  /** As whom the kubeconfig itself says to act. */
  readonly impersonation: Readonly<Record<string, string>>;
}

async function fromKubeconfig(choice: KubeconfigChoice): Promise<ServerAccess> {
  let login = await kubeconfigLogin(choice);
  let config = login.config;
  return {
    server: login.server,
    namespace: config.getContextObject(config.currentContext)?.namespace,
    headers: { ...login.impersonation, ...impersonation(choice) },
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
      login = await kubeconfigLogin(choice, refused ? undefined : config);
      config = login.config;
      return login.authorization;
    },
  };
}

type KubeConfig = import('@kubernetes/client-node').KubeConfig;

function impersonation({ as, asGroups = [] }: KubeconfigChoice): Record<string, string | string[]> {
  if (as === undefined) return {};
  return { 'impersonate-user': as, ...(asGroups.length > 0 ? { 'impersonate-group': [...asGroups] } : {}) };
}

async function kubeconfigLogin(
  choice: KubeconfigChoice,
  known?: KubeConfig,
): Promise<Login & { readonly config: KubeConfig }> {
  const config = known ?? (await loadedKubeconfig(choice));
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('The kubeconfig names no cluster');
  const options: { ca?: unknown; cert?: unknown; key?: unknown; headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
  const as = options.headers?.['Impersonate-User'];
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
  return {
    config,
    server: cluster.server,
    ca: text(options.ca),
    cert: text(options.cert),
    key: text(options.key),
    authorization: options.headers?.['Authorization'],
    impersonation: as === undefined ? {} : { 'impersonate-user': as },
  };
}

async function loadedKubeconfig({ file, context, cluster, user }: KubeconfigChoice): Promise<KubeConfig> {
  // Imported only when it is needed: the package includes the models of all of Kubernetes.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  if (context !== undefined) {
    if (!config.getContextObject(context)) throw new Error(`The kubeconfig has no context ${context}`);
    config.setCurrentContext(context);
  }
  if (cluster === undefined && user === undefined) return config;
  const present = config.getContextObject(config.currentContext);
  const changed = {
    name: 'chosen',
    cluster: cluster ?? present?.cluster ?? '',
    user: user ?? present?.user ?? '',
    ...(present?.namespace === undefined ? {} : { namespace: present.namespace }),
  };
  if (!config.getCluster(changed.cluster)) throw new Error(`The kubeconfig has no cluster ${changed.cluster}`);
  if (!config.getUser(changed.user)) throw new Error(`The kubeconfig has no user ${changed.user}`);
  config.contexts = [...config.contexts.filter(({ name }) => name !== 'chosen'), changed];
  config.setCurrentContext('chosen');
  return config;
}

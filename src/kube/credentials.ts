import { readFileSync } from 'node:fs';

/** Where the API server is and who we are there. */
export interface ServerAccess {
  readonly server: string;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Asked before each request: a service account's token is replaced under us. */
  authorization(): Promise<string | undefined>;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** In a pod: its service account. Else kubeconfig, with all ways of logging in that client-node knows. */
export async function serverAccess(): Promise<ServerAccess> {
  const host = process.env['KUBERNETES_SERVICE_HOST'];
  if (host && !process.env['KUBECONFIG']) {
    return {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${process.env['KUBERNETES_SERVICE_PORT'] ?? '443'}`,
      ca: readFileSync(`${SERVICE_ACCOUNT}/ca.crt`, 'utf8'),
      authorization: async () => `Bearer ${readFileSync(`${SERVICE_ACCOUNT}/token`, 'utf8').trim()}`,
    };
  }
  return fromKubeconfig();
}

async function fromKubeconfig(): Promise<ServerAccess> {
  // Loaded only here: the package brings all of Kubernetes' models with it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromDefault();
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('The kubeconfig names no cluster');
  const options: { ca?: unknown; cert?: unknown; key?: unknown; headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
  return {
    server: cluster.server,
    ca: text(options.ca),
    cert: text(options.cert),
    key: text(options.key),
    authorization: async () => {
      const fresh: typeof options = {};
      await config.applyToHTTPSOptions(fresh as Parameters<typeof config.applyToHTTPSOptions>[0]);
      return fresh.headers?.['Authorization'];
    },
  };
}

import { namespacedKinds } from '../../api/index.ts';
import { credentialsName } from '../../core/names.ts';
import { secretView } from '../../core/secret-view.ts';
import type { Manifest } from '../../core/snapshot.ts';
import { serverAccess } from '../../kube/credentials.ts';
import { KubeError } from '../../kube/errors.ts';
import { type KubeObject, pathOf, RESOURCES } from '../../kube/resource.ts';
import { Transport } from '../../kube/transport.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { Credentials } from '../../view/phone-uri.ts';
import type { ShownObject, ShownTenant } from '../../view/tenant.ts';
import { type ClusterOptions, choiceOf } from '../frame/cluster-options.ts';
import { CommandError } from '../frame/failure.ts';
import type { Invocation } from '../frame/invocation.ts';
import type { TenantSource } from './source.ts';

/** A tenant of a cluster, read with the rights of who asks. */
export class ClusterTenant implements TenantSource {
  readonly #transport: Transport;
  readonly #namespace: string;
  readonly #signal: AbortSignal;

  private constructor(transport: Transport, namespace: string, signal: AbortSignal) {
    this.#transport = transport;
    this.#namespace = namespace;
    this.#signal = signal;
  }

  static async open(
    options: ClusterOptions,
    { name, signal }: Pick<Invocation, 'name' | 'signal'>,
  ): Promise<ClusterTenant> {
    const access = await serverAccess(choiceOf(options)).catch((cause: unknown) => {
      const remedy = `Choose one with --kubeconfig; or name a directory of manifests: \`${name} DIR status\``;
      throw new CommandError(`The kubeconfig cannot be used: ${reasonOf(cause)}`, { cause, remedy });
    });
    return new ClusterTenant(
      new Transport(access, systemClock),
      options.namespace ?? access.namespace ?? 'default',
      signal,
    );
  }

  async read(): Promise<ShownTenant> {
    const namespace = this.#namespace;
    const lists = await Promise.all(namespacedKinds.map(kind => this.#list(kind)));
    const objects = lists.flat();
    if (objects.length === 0)
      throw new CommandError(`There is nothing of a tenant in namespace ${namespace}`, {
        remedy: 'Choose one with -n; `kubectl get organizations -A` lists them',
      });
    return { namespace, live: true, objects };
  }

  async credentials(user: string): Promise<Credentials> {
    const namespace = this.#namespace;
    const name = credentialsName(user);
    try {
      const secret = await this.#get<Manifest>(pathOf(RESOURCES.Secret, { namespace, name }));
      return secretView(secret).data;
    } catch (error) {
      if (!(error instanceof KubeError) || !error.notFound) throw error;
      const exists = await this.#get(pathOf(RESOURCES.SipUser, { namespace, name: user })).then(
        () => true,
        () => false,
      );
      throw new CommandError(
        exists
          ? `Secret ${name} is not there yet: see \`users show ${user}\``
          : `There is no SipUser ${user} in namespace ${namespace}`,
        { cause: error },
      );
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #list(kind: keyof typeof RESOURCES): Promise<ShownObject[]> {
    const type = RESOURCES[kind];
    const { items } = await this.#get<{ items: readonly KubeObject[] }>(pathOf(type, { namespace: this.#namespace }));
    // items of a list have neither of them
    return items.map(one => ({ ...one, apiVersion: `${type.group}/${type.version}`, kind }) as ShownObject);
  }

  #get<T>(path: string): Promise<T> {
    return this.#transport.request<T>('GET', path, { signal: this.#signal });
  }
}

/** The first line of what the reader of the kubeconfig said; the file itself may have secrets. */
function reasonOf(cause: unknown): string {
  const [line = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  // without any, client-node takes http://localhost:8080
  return line.startsWith('HTTP protocol is not allowed') ? 'there is no kubeconfig, or its server is not HTTPS' : line;
}

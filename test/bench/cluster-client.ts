import { KubeClient } from '../../src/kube/client.ts';
import { serverAccess } from '../../src/kube/credentials.ts';
import { type KubeObject, RESOURCES, type ResourceType } from '../../src/kube/resource.ts';
import { Transport } from '../../src/kube/transport.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { forEachLimit } from '../../src/runtime/concurrency.ts';
import type { Account } from './register.ts';

/** The API of a real cluster without kubectl in the way, whose start alone takes longer than what is measured. */
/** As many as an Organization may have. */
export const MAX_USERS = 5_000;
const API = { apiVersion: 'ringfleet.io/v1alpha1' };

export class ClusterClient {
  readonly kube: KubeClient;
  readonly #transport: Transport;

  private constructor(transport: Transport) {
    this.#transport = transport;
    this.kube = new KubeClient(transport);
  }

  static async open(): Promise<ClusterClient> {
    return new ClusterClient(new Transport(await serverAccess(), systemClock));
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async put(kind: string, namespace: string, name: string, spec: Record<string, unknown>): Promise<void> {
    await this.kube.apply({ ...API, kind, metadata: { name, namespace }, spec }, 'bench');
  }

  user(namespace: string, index: number): Promise<void> {
    return this.put('SipUser', namespace, `user-${index}`, {
      extension: String(10_000 + index),
      fullName: `User ${index}`,
    });
  }

  async users(namespace: string, first: number, count: number): Promise<void> {
    const indexes = Array.from({ length: count }, (_, i) => first + i);
    await forEachLimit(indexes, 32, index => this.user(namespace, index));
  }

  async tenant(name: string, users: number): Promise<void> {
    await this.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'bench');
    await this.put('Organization', name, name, {
      sipDomain: `${name}.example`,
      limits: { users: Math.min(MAX_USERS, users + 500) },
    });
  }

  /** As soon as it is there, with an address in it. */
  account(namespace: string, index: number, deadlineMs = 120_000): Promise<Account> {
    return until(
      `the Secret of user ${index}`,
      async () => accountOf(await this.kube.get(RESOURCES.Secret, namespace, `user-${index}-sip`)),
      { deadlineMs, everyMs: 5 },
    );
  }

  /** All that there are, in one request. */
  async accounts(namespace: string): Promise<Account[]> {
    const query = { labelSelector: 'ringfleet.io/component=credentials' };
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const { items } = await this.#transport.request<{ items: KubeObject[] }>('GET', path, { query });
    return items.flatMap(item => accountOf(item) ?? []);
  }

  /** Waits until the object has this, looking often. */
  async sees<T>(
    what: string,
    place: { type: ResourceType; namespace: string; name: string },
    found: (object: KubeObject) => T | undefined,
    deadlineMs = 120_000,
  ): Promise<T> {
    const look = async (): Promise<T | undefined> => {
      const object = await this.kube.get(place.type, place.namespace, place.name);
      return object && found(object);
    };
    return until(what, look, { deadlineMs, everyMs: 5 });
  }

  isReady(kind: 'Organization' | 'SipUser', namespace: string, name: string, deadlineMs = 300_000): Promise<true> {
    return this.sees(
      `${namespace}/${name} to be Ready`,
      { type: RESOURCES[kind], namespace, name },
      object => hasTrue(object, 'Ready') || undefined,
      deadlineMs,
    );
  }

  /** Waits until what an Organization runs was tried on a fresh Asterisk. */
  isChecked(name: string): Promise<true> {
    return this.sees(
      `${name} to be checked`,
      { type: RESOURCES.Organization, namespace: name, name },
      object => hasTrue(object, 'RestartSafe') || undefined,
    );
  }

  /** Waits until every user's status says that she is Ready: after an installation they are written for minutes. */
  async allTold(namespace: string): Promise<void> {
    const path = `/apis/${API.apiVersion}/namespaces/${namespace}/sipusers`;
    const look = async (): Promise<true | undefined> => {
      const { items } = await this.#transport.request<{ items: KubeObject[] }>('GET', path);
      return items.every(item => hasTrue(item, 'Ready')) || undefined;
    };
    await until('all statuses', look, { deadlineMs: 600_000, everyMs: 5_000 });
  }

  async remove(namespace: string): Promise<void> {
    await this.kube.delete(RESOURCES.Namespace, '', namespace);
  }
}

function hasTrue({ status }: KubeObject, condition: string): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status: is }) => type === condition && is === 'True');
}

function accountOf(secret: KubeObject | undefined): Account | undefined {
  const data = (secret?.['data'] ?? {}) as Record<string, string>;
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  const [username, password, domain, server, port] = ['username', 'password', 'domain', 'server', 'port'].map(text);
  if (!username || !password || !domain || !server || !/^[0-9.]+$/.test(server)) return undefined;
  return { username, password, domain, server, port: Number(port) };
}

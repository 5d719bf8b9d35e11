import { referencedSecrets, secretView } from '../core/secret-view.ts';
import type { Manifest, SecretView } from '../core/world.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Caches } from './caches.ts';

/** Secrets as the judge needs them: ours from the cache, other people's by name and only those that a spec refers to. */
export class Secrets {
  readonly #caches: Caches;
  readonly #client: KubeClient;
  /** By namespace and name; dropped when the watch tells another version. */
  readonly #read = new Map<string, { version: string; view: SecretView }>();

  readonly #views = new WeakMap<KubeObject, SecretView>();

  constructor(caches: Caches, client: KubeClient) {
    this.#caches = caches;
    this.#client = client;
  }

  async of(
    namespace: string,
    specs: Iterable<{ readonly spec: unknown }>,
    signal: AbortSignal,
  ): Promise<Map<string, SecretView>> {
    const ours = this.#caches.store('Secret').list(namespace);
    const views = new Map(ours.map(secret => [secret.metadata.name, this.#view(secret)] as const));
    const wanted = new Set<string>();
    for (const { spec } of specs) for (const name of referencedSecrets(spec)) wanted.add(name);
    for (const name of wanted) {
      if (views.has(name)) continue;
      const view = await this.#foreign(namespace, name, signal);
      if (view) views.set(name, view);
    }
    return views;
  }

  /** The same for the same object, so that what was made of it is known to be as it was. */
  #view(secret: KubeObject): SecretView {
    const known = this.#views.get(secret) ?? secretView(secret as Manifest);
    this.#views.set(secret, known);
    return known;
  }

  async #foreign(namespace: string, name: string, signal: AbortSignal): Promise<SecretView | undefined> {
    const key = `${namespace}/${name}`;
    const version = this.#caches.store('ForeignSecret').get(namespace, name)?.metadata.resourceVersion;
    if (version === undefined) {
      this.#read.delete(key);
      return undefined;
    }
    const known = this.#read.get(key);
    if (known?.version === version) return known.view;
    const secret = await this.#client.get(RESOURCES.Secret, namespace, name, signal);
    if (!secret) return undefined;
    const view = this.#view(secret);
    this.#read.set(key, { version: secret.metadata.resourceVersion ?? '', view });
    return view;
  }
}

import { Memo } from '../core/memo.ts';
import { referencedSecrets, secretView } from '../core/secret-view.ts';
import type { Manifest, SecretView } from '../core/snapshot.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Caches } from './caches.ts';

/** An object whose spec may refer to Secrets. */
export interface Referring {
  readonly spec: object;
}

/** An unmanaged Secret that was read, and its version then. */
export interface ReadSecret {
  readonly version: string;
  readonly view: SecretView;
}

/** A tenant, with the unmanaged Secrets that were read for it, by name. */
export interface SecretsOwner {
  readonly namespace: string;
  readonly readSecrets: Map<string, ReadSecret>;
}

/** Secrets for the evaluation: managed ones from the cache, unmanaged ones by name and only if a spec refers to them. */
export class Secrets {
  readonly #caches: Caches;
  readonly #client: KubeClient;
  readonly #views = new WeakMap<KubeObject, SecretView>();
  readonly #ours = new Memo<readonly KubeObject[], ReadonlyMap<string, SecretView>>();
  readonly #references = new Memo<readonly Referring[], ReadonlySet<string>>();
  readonly #ownReferences = new Memo<Referring['spec'], ReadonlySet<string>>();

  constructor(caches: Caches, client: KubeClient) {
    this.#caches = caches;
    this.#client = client;
  }

  /** All Secrets of a tenant by name. Unmanaged ones that no spec refers to any more are forgotten. */
  async of(
    { namespace, readSecrets }: SecretsOwner,
    lists: readonly (readonly Referring[])[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, SecretView>> {
    const list = this.#caches.store('Secret').list(namespace);
    const ours = this.#ours.of(list, [], () => new Map(list.map(secret => [secret.metadata.name, this.#view(secret)])));
    const wanted = new Set(lists.flatMap(objects => [...this.#referencesOf(objects)]));
    const unmanaged: [string, SecretView][] = [];
    for (const name of readSecrets.keys()) if (!wanted.has(name)) readSecrets.delete(name);
    for (const name of wanted) {
      const secret = ours.has(name) ? undefined : await this.#unmanaged(namespace, name, readSecrets.get(name), signal);
      if (secret) readSecrets.set(name, secret);
      else readSecrets.delete(name);
      if (secret) unmanaged.push([name, secret.view]);
    }
    return unmanaged.length > 0 ? new Map([...ours, ...unmanaged]) : ours;
  }

  #referencesOf(objects: readonly Referring[]): ReadonlySet<string> {
    return this.#references.of(objects, [], () => {
      const names = new Set<string>();
      for (const { spec } of objects) {
        for (const name of this.#ownReferences.of(spec, NOTHING, () => referencedSecrets(spec))) names.add(name);
      }
      return names;
    });
  }

  /** The identical view for the identical object, so that results that depend on it are kept. */
  #view(secret: KubeObject): SecretView {
    const known = this.#views.get(secret) ?? secretView(secret as Manifest);
    this.#views.set(secret, known);
    return known;
  }

  /** The known Secret until the watch reports another version. */
  async #unmanaged(
    namespace: string,
    name: string,
    known: ReadSecret | undefined,
    signal: AbortSignal,
  ): Promise<ReadSecret | undefined> {
    const version = this.#caches.store('UnmanagedSecret').get(namespace, name)?.metadata.resourceVersion;
    if (version === undefined) return undefined;
    if (known?.version === version) return known;
    const secret = await this.#client.get(RESOURCES.Secret, namespace, name, signal);
    return secret && { version: secret.metadata.resourceVersion ?? '', view: this.#view(secret) };
  }
}

const NOTHING: readonly unknown[] = [];

import { Memo } from '../core/memo.ts';
import { referencedSecrets, secretView } from '../core/secret-view.ts';
import type { Manifest, SecretView } from '../core/snapshot.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Caches } from './caches.ts';

/** What may refer to Secrets. */
export interface Referring {
  readonly spec: object;
}

/** A Secret of other people as it was read, by the version that it had. */
export interface ReadSecret {
  readonly version: string;
  readonly view: SecretView;
}

/** Whose Secrets, and those of other people that were read for this tenant, by name. */
export interface SecretsOwner {
  readonly namespace: string;
  readonly readSecrets: Map<string, ReadSecret>;
}

/** Secrets as the judge needs them: ours from the cache, other people's by name and only those that a spec refers to. */
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

  /** What no spec refers to any more is forgotten. */
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

  /** The same for the same object, so that what was made of it is known to be as it was. */
  #view(secret: KubeObject): SecretView {
    const known = this.#views.get(secret) ?? secretView(secret as Manifest);
    this.#views.set(secret, known);
    return known;
  }

  /** What is known is good until the watch tells another version. */
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

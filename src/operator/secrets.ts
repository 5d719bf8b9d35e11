import { Memo } from '../core/memo.ts';
import { referencedSecrets, secretView } from '../core/secret-view.ts';
import type { Manifest, SecretView } from '../core/world.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Caches } from './caches.ts';

/** What may refer to Secrets. */
interface Referring {
  readonly spec: object;
}

/** Secrets as the judge needs them: ours from the cache, other people's by name and only those that a spec refers to. */
export class Secrets {
  readonly #caches: Caches;
  readonly #client: KubeClient;
  /** By namespace and name; dropped when the watch tells another version. */
  readonly #read = new Map<string, { version: string; view: SecretView }>();

  readonly #views = new WeakMap<KubeObject, SecretView>();
  readonly #ours = new Memo<readonly KubeObject[], ReadonlyMap<string, SecretView>>();
  readonly #references = new Memo<readonly Referring[], ReadonlySet<string>>();
  readonly #ownReferences = new Memo<Referring['spec'], ReadonlySet<string>>();

  constructor(caches: Caches, client: KubeClient) {
    this.#caches = caches;
    this.#client = client;
  }

  async of(
    namespace: string,
    lists: readonly (readonly Referring[])[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, SecretView>> {
    const list = this.#caches.store('Secret').list(namespace);
    const ours = this.#ours.of(list, [], () => new Map(list.map(secret => [secret.metadata.name, this.#view(secret)])));
    const wanted = new Set(lists.flatMap(objects => [...this.#referencesOf(objects)]));
    const foreign: [string, SecretView][] = [];
    for (const name of wanted) {
      const view = ours.has(name) ? undefined : await this.#foreign(namespace, name, signal);
      if (view) foreign.push([name, view]);
    }
    return foreign.length > 0 ? new Map([...ours, ...foreign]) : ours;
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

const NOTHING: readonly unknown[] = [];

import { type NamespacedKind, namespacedKinds } from '../api/index.ts';
import { LABEL_MANAGED, MANAGER } from '../core/names.ts';
import type { KubeMetrics } from '../kube/metrics.ts';
import { Reflector, type ReflectorOptions, storeOf } from '../kube/reflector.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Change, Store } from '../kube/store.ts';
import type { Transport } from '../kube/transport.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';

/**
 * The operator's caches of the cluster: one reflector per kind. Of child kinds only objects with our label are watched. Other
 * Secrets are watched without their content; those that a spec refers to are read by name (`secrets.ts`).
 */
export const CHILD_KINDS = [
  'Secret',
  'ConfigMap',
  'Service',
  'PersistentVolumeClaim',
  'ResourceQuota',
  'StatefulSet',
  'NetworkPolicy',
  'PodDisruptionBudget',
] as const;
export type ChildKind = (typeof CHILD_KINDS)[number];

const PLATFORM_KINDS = ['OrganizationClass', 'Namespace', 'Node'] as const;
/** Only the EndpointSlices of the API server, which it writes itself. */
const API_SERVER = { onlyIn: 'default', labelSelector: 'kubernetes.io/service-name=kubernetes' };

const OURS = `${LABEL_MANAGED}=${MANAGER}`;
const NOT_OURS = `${LABEL_MANAGED}!=${MANAGER}`;
const PBX_PODS = 'ringfleet.io/component=pbx';

interface SliceParts {
  readonly addressType?: string;
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[] | null;
}

export interface CachesOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics?: KubeMetrics | undefined;
  /** The operator's own namespace, which is watched in any case. */
  readonly namespace: string;
  /** Those of tenants that are looked after; none: all. */
  readonly watchNamespaces?: readonly string[] | undefined;
}

type Watched = Pick<ReflectorOptions, 'type' | 'labelSelector' | 'onlyIn' | 'metadataOnly' | 'name'>;

export class Caches {
  /** Of one kind there is one with all namespaces, or one with each that is looked after; they fill the same store. */
  readonly #reflectors = new Map<string, readonly Reflector[]>();
  readonly #options: CachesOptions;
  readonly #namespaces: ReadonlySet<string> | undefined;
  #observingWrite = false;
  #wasSynced = false;

  constructor(options: CachesOptions) {
    const { namespace, watchNamespaces = [] } = options;
    this.#options = options;
    this.#namespaces = watchNamespaces.length > 0 ? new Set([...watchNamespaces, namespace]) : undefined;
    for (const kind of PLATFORM_KINDS) this.#watch(kind, { type: RESOURCES[kind] });
    for (const kind of namespacedKinds) this.#watchTenants(kind, { type: RESOURCES[kind] });
    for (const kind of CHILD_KINDS)
      this.#watchTenants(kind, { type: RESOURCES[kind], labelSelector: OURS, name: `${kind}/ours` });
    this.#watchTenants('Pod', { type: RESOURCES.Pod, labelSelector: PBX_PODS });
    this.#watch('EndpointSlice', { type: RESOURCES.EndpointSlice, ...API_SERVER });
    const unmanaged = { type: RESOURCES.Secret, labelSelector: NOT_OURS, metadataOnly: true, name: 'Secret/foreign' };
    this.#watchTenants('UnmanagedSecret', unmanaged);
    for (const reflector of this.reflectors) options.metrics?.follow(reflector);
  }

  #watch(kind: string, watched: Watched, places: Iterable<string | undefined> = [watched.onlyIn]): void {
    const { transport, clock, log, metrics } = this.#options;
    const store = storeOf(watched.type.kind, log);
    const reflectors = [...places].map(
      onlyIn => new Reflector({ transport, clock, log, metrics, ...watched, store, onlyIn }),
    );
    this.#reflectors.set(kind, reflectors);
  }

  #watchTenants(kind: string, watched: Watched): void {
    this.#watch(kind, watched, this.#namespaces ?? [undefined]);
  }

  get reflectors(): readonly Reflector[] {
    return [...this.#reflectors.values()].flat();
  }

  /** Whether all caches were filled once. It stays true for namespaces that come later: see `isComplete`. */
  get synced(): boolean {
    this.#wasSynced ||= this.reflectors.every(({ synced, onlyIn }) => synced || this.#isGone(onlyIn));
    return this.#wasSynced;
  }

  /** A namespace that is on the list and not there any more, nor are our rights in it: it keeps nobody else waiting. */
  #isGone(namespace: string | undefined): boolean {
    if (namespace === undefined || !this.#reflectors.get('Namespace')?.every(({ synced }) => synced)) return false;
    return this.store('Namespace').get('', namespace) === undefined;
  }

  /** Whether what is in a namespace is seen at all: of another one nothing follows from seeing nothing. */
  watches(namespace: string): boolean {
    return this.#namespaces?.has(namespace) ?? true;
  }

  /**
   * Whether all objects in a namespace are known. One that is on the list and was created later is listed kind by kind, and
   * before the last kind nothing follows from what is missing.
   */
  isComplete(namespace: string): boolean {
    return this.reflectors.every(({ onlyIn, synced }) => synced || onlyIn !== namespace);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.reflectors.map(reflector => reflector.run(signal)));
  }

  store(
    kind: NamespacedKind | ChildKind | (typeof PLATFORM_KINDS)[number] | 'Pod' | 'EndpointSlice' | 'UnmanagedSecret',
  ): Store {
    const [reflector] = this.#reflectors.get(kind) ?? [];
    if (!reflector) throw new TypeError(`Not a kind that is watched: ${kind}`);
    return reflector.store;
  }

  /** IPv4 addresses of the API server behind its Service, sorted. */
  apiServers(): string[] {
    const slices = this.store('EndpointSlice').list(API_SERVER.onlyIn) as readonly SliceParts[];
    const endpoints = slices.filter(slice => slice.addressType === 'IPv4').flatMap(slice => slice.endpoints ?? []);
    return [...new Set(endpoints.flatMap(endpoint => endpoint.addresses))].sort();
  }

  /** All child objects of a tenant (those with our label), by the last watch event or own write. */
  children(namespace: string): KubeObject[] {
    return CHILD_KINDS.flatMap(kind => this.store(kind).list(namespace));
  }

  /** Takes in the answer to an own write, so that the next pass does not decide on an older object. */
  observeWrite(object: KubeObject): void {
    this.#observingWrite = true;
    const { namespace } = object.metadata;
    const reflectors = this.#reflectors.get(object.kind) ?? [];
    reflectors.find(({ onlyIn }) => onlyIn === undefined || onlyIn === namespace)?.observeWrite(object);
    this.#observingWrite = false;
  }

  /** Every namespace with an object of our kinds or a child object. */
  namespaces(): Set<string> {
    const names = new Set<string>();
    for (const kind of [...namespacedKinds, ...CHILD_KINDS])
      for (const namespace of this.store(kind).namespaces()) names.add(namespace);
    return names;
  }

  /** Whether the change that listeners get now comes from `observeWrite`. */
  get observingWrite(): boolean {
    return this.#observingWrite;
  }

  /** Calls the listener with each change and the namespace that it concerns; `undefined`: all namespaces. */
  onChange(listener: (kind: string, change: Change, namespace: string | undefined) => void): void {
    for (const [kind, [reflector]] of this.#reflectors) {
      const wide = kind === 'OrganizationClass' || kind === 'Node' || kind === 'EndpointSlice';
      reflector?.store.onChange(change =>
        listener(kind, change, wide ? undefined : (change.object.metadata.namespace ?? change.object.metadata.name)),
      );
    }
  }
}

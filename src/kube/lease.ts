import type { Clock } from '../runtime/clock.ts';
import type { LeaseClient, LeaseRecord } from '../runtime/elector.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import { microTime } from './micro-time.ts';
import { type KubeObject, RESOURCES } from './resource.ts';

/** A Lease object as the elector needs it. */
export class KubeLease implements LeaseClient {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #name: string;
  readonly #clock: Clock;
  #object: KubeObject | undefined;

  constructor(client: KubeClient, namespace: string, name: string, clock: Clock) {
    this.#client = client;
    this.#namespace = namespace;
    this.#name = name;
    this.#clock = clock;
  }

  async read(signal?: AbortSignal): Promise<LeaseRecord | undefined> {
    this.#object = await this.#client.get(RESOURCES.Lease, this.#namespace, this.#name, signal);
    if (!this.#object) return undefined;
    const spec = (this.#object['spec'] ?? {}) as { holderIdentity?: string };
    return { holder: spec.holderIdentity ?? '', version: this.#object.metadata.resourceVersion ?? '' };
  }

  async take(holder: string, over: LeaseRecord | undefined, signal?: AbortSignal): Promise<boolean> {
    const time = microTime(this.#clock);
    const before = (this.#object?.['spec'] ?? {}) as { acquireTime?: string; leaseTransitions?: number };
    const kept = over?.holder === holder;
    const spec = {
      ...(holder === '' ? {} : { holderIdentity: holder }),
      leaseDurationSeconds: 15,
      renewTime: time,
      acquireTime: kept ? (before.acquireTime ?? time) : time,
      leaseTransitions: (before.leaseTransitions ?? 0) + (kept || !over ? 0 : 1),
    };
    const metadata = {
      name: this.#name,
      namespace: this.#namespace,
      ...(over ? { resourceVersion: over.version } : {}),
    };
    const object: KubeObject = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    try {
      await (over
        ? this.#client.replace(RESOURCES.Lease, object, signal)
        : this.#client.create(RESOURCES.Lease, object, signal));
      return true;
    } catch (error) {
      if (error instanceof KubeError && error.conflict) return false;
      throw error;
    }
  }

  /** Tries a second time when a renewal that was still under way changed the Lease in between. */
  async release(holder: string, signal?: AbortSignal): Promise<void> {
    for (let tries = 1; tries <= 2; tries++) {
      const record = await this.read(signal);
      if (record?.holder !== holder || (await this.take('', record, signal))) return;
    }
  }
}

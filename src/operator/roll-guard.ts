import type { Replaced } from '../api/record.ts';
import { pbxName } from '../core/names.ts';
import type { Away } from '../core/snapshot.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Caches } from './caches.ts';
import { podView } from './pod-view.ts';
import type { Records } from './records.ts';

/**
 * Lets a roll replace one PBX at a time, and stops it at the first one that does not become ready again, for whatever reason:
 * no node has room, the image cannot be pulled, the API server rejects the pod, Asterisk crashes. The records say which PBX
 * a roll replaced: another leader finds it there, and tenants cannot write there. A PBX that fails for its own reasons, or
 * that waits for its calls to end, does not stop a roll.
 */

/** A PBX starts within seconds. One that is away for longer needs help, or a node with room. */
const STUCK_MS = 120_000;

export interface RollGuardOptions {
  readonly caches: Pick<Caches, 'store' | 'watches'>;
  readonly records: Pick<Records, 'all'>;
  readonly clock: Clock;
  /** Number of channels of a tenant's PBX; undefined: not known. */
  readonly channelsOf: (namespace: string) => number | undefined;
}

/** A PBX that was replaced and is not ready yet, for `ms` milliseconds. */
export interface AwayPbx extends Away {
  readonly namespace: string;
  readonly ms: number;
}

export class RollGuard {
  readonly #options: RollGuardOptions;
  /** Causes of replacements that are about to happen, by namespace, until their records are written. */
  readonly #reserved = new Map<string, string>();

  constructor(options: RollGuardOptions) {
    this.#options = options;
  }

  /** All PBXs that are away, except that of this tenant. */
  awayBut(namespace: string): AwayPbx[] {
    const away: AwayPbx[] = [];
    for (const [other, cause] of this.#reserved)
      if (other !== namespace) away.push({ namespace: other, cause, stuck: false, ms: 0 });
    for (const [other, { replaced }] of this.#options.records.all()) {
      if (!replaced || other === namespace || this.#reserved.has(other) || !this.#isAway(other, replaced)) continue;
      const ms = Math.max(0, this.#options.clock.now() - Date.parse(replaced.at));
      away.push({ namespace: other, cause: replaced.cause, stuck: ms >= STUCK_MS, ms });
    }
    return away;
  }

  /**
   * Reserves the replacement for a tenant, in one step, since several tenants are reconciled at a time. True: no other PBX is
   * replaced for the same cause until `release`, and after that for as long as the record says so.
   */
  reserve(namespace: string, cause: string): boolean {
    if (this.awayBut(namespace).some(one => one.cause === cause)) return false;
    this.#reserved.set(namespace, cause);
    return true;
  }

  release(namespace: string): void {
    this.#reserved.delete(namespace);
  }

  /** Whether a recorded replacement is complete: the new pod is ready, or the old one was kept and is not to be replaced. */
  isOver(namespace: string, replaced: Replaced, rolling: boolean): boolean {
    const pod = this.#podOf(namespace);
    if (!pod) return false;
    const { ready, terminating, uid } = podView(pod, undefined);
    return uid === replaced.pod ? !terminating && !rolling : ready && !terminating;
  }

  #isAway(namespace: string, replaced: Replaced): boolean {
    // Nothing is seen of a tenant that was taken off the list of namespaces, and its PBX may well be ready.
    if (!this.#options.caches.watches(namespace)) return false;
    const itself = this.#options.caches.store('Namespace').get('', namespace);
    if (!itself || itself.metadata.deletionTimestamp) return false;
    const pod = this.#podOf(namespace);
    if (!pod) return true;
    const { ready, terminating, uid } = podView(pod, undefined);
    if (terminating) return (this.#options.channelsOf(namespace) ?? 0) === 0;
    return uid === replaced.pod || !ready;
  }

  #podOf(namespace: string): KubeObject | undefined {
    return this.#options.caches.store('Pod').get(namespace, `${pbxName(namespace)}-0`);
  }
}

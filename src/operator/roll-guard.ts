import type { Replaced } from '../api/record.ts';
import { pbxName } from '../core/names.ts';
import type { Away } from '../core/snapshot.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Caches } from './caches.ts';
import { podView } from './pod-view.ts';
import type { Records } from './records.ts';

/**
 * One PBX of a roll is away at a time, and the roll stops at the first that does not come back, for whatever reason: no
 * node has room, the image cannot be pulled, the API server takes no such pod, it crashes. Whom a roll replaced stands in
 * the records, where another leader finds it and no tenant can write: a PBX that broke by itself, or by its own people,
 * stops nobody. Nor does one that waits for its calls to end.
 */
/** A PBX starts within seconds; one that is away for longer does not come back by itself, or has a node to wait for. */
const STUCK_MS = 120_000;

export interface RollGuardOptions {
  readonly caches: Caches;
  readonly records: Records;
  readonly clock: Clock;
  /** Channels of a tenant's PBX; undefined: not known. */
  readonly channelsOf: (namespace: string) => number | undefined;
}

/** A PBX that was replaced and does not serve yet. */
export interface AwayPbx extends Away {
  readonly namespace: string;
  readonly ms: number;
}

export class RollGuard {
  readonly #options: RollGuardOptions;
  /** By namespace, what is about to be replaced for: until the record of it is written. */
  readonly #reserved = new Map<string, string>();

  constructor(options: RollGuardOptions) {
    this.#options = options;
  }

  /** All that are away but the one of this tenant. */
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
   * Asks and takes in one step, since several tenants are worked on at a time. True: nobody else is replaced for the same
   * cause until `release`, and after that as long as the record says so.
   */
  reserve(namespace: string, cause: string): boolean {
    if (this.awayBut(namespace).some(one => one.cause === cause)) return false;
    this.#reserved.set(namespace, cause);
    return true;
  }

  release(namespace: string): void {
    this.#reserved.delete(namespace);
  }

  /** Whether what the record says of a tenant is over: it serves again, or it was never taken down and need not be. */
  isOver(namespace: string, replaced: Replaced, rolling: boolean): boolean {
    const pod = this.#podOf(namespace);
    if (!pod) return false;
    const { ready, terminating, uid } = podView(pod, undefined);
    return uid === replaced.pod ? !terminating && !rolling : ready && !terminating;
  }

  #isAway(namespace: string, replaced: Replaced): boolean {
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

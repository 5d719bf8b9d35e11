import { pbxName } from '../core/names.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Caches } from './caches.ts';
import { nodeNameOf, podView } from './pod-view.ts';

/**
 * One PBX is replaced at a time, so that a bad image stops at the first that does not come back. Read from what is there,
 * so that another leader goes on from it: while a pod of the wanted image is on its way out or does not serve, no other
 * one is taken down for that image. Who only waits for its calls to end keeps nobody.
 */
const SEEN_MS = 10_000;

export class RollGuard {
  readonly #caches: Caches;
  readonly #clock: Clock;
  /** Until the caches have heard of it. */
  #last: { readonly namespace: string; readonly at: number } | undefined;

  constructor(caches: Caches, clock: Clock) {
    this.#caches = caches;
    this.#clock = clock;
  }

  mayRoll(namespace: string, image: string): boolean {
    const last = this.#last;
    if (last && last.namespace !== namespace && this.#clock.monotonic() - last.at < SEEN_MS) return false;
    for (const set of this.#caches.store('StatefulSet').all()) {
      const { namespace: other = '', name } = set.metadata;
      if (other === namespace || name !== pbxName(other) || imageOf(set) !== image) continue;
      if (this.#isAway(this.#caches.store('Pod').get(other, `${name}-0`))) return false;
    }
    return true;
  }

  rolled(namespace: string): void {
    this.#last = { namespace, at: this.#clock.monotonic() };
  }

  /** A pod that found no node yet says nothing of its image. */
  #isAway(pod: KubeObject | undefined): boolean {
    if (!pod) return false;
    const { terminating, ready } = podView(pod, undefined);
    return terminating || (nodeNameOf(pod) !== undefined && !ready);
  }
}

function imageOf(set: KubeObject): string | undefined {
  const spec = set['spec'] as
    | { template?: { spec?: { containers?: readonly { name: string; image?: string }[] } } }
    | undefined;
  return spec?.template?.spec?.containers?.find(({ name }) => name === 'asterisk')?.image;
}

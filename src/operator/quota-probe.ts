import { GROUP, limitedKinds } from '../api/index.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';

/**
 * Finds out whether the quota controller counts our kinds, with a ResourceQuota in the operator's own namespace. Until it does,
 * no tenant gets a quota: one whose status is not computed yet has the API server refuse every create of its kinds.
 */
const NAME = 'ringfleet-quota-canary';
const LOOK_MS = 5_000;

export class QuotaProbe {
  #ready = false;

  get ready(): boolean {
    return this.#ready;
  }

  /** Returns when the quota controller has counted our kinds. */
  async run(client: KubeClient, namespace: string, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
    for (let look = 1; ; look++) {
      try {
        if (await counted(client, namespace, isPowerOfTwo(look), signal)) {
          this.#ready = true;
          log.info('Found the quota controller to know our kinds');
          return;
        }
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ err: error }, 'Failed to read or write the quota probe');
      }
      await clock.sleep(LOOK_MS, signal);
    }
  }
}

/**
 * Whether the controller has counted the quota. One that it could not count, because it did not know the kinds yet, it counts
 * again when its spec changes, or five minutes later. `touch` changes the spec.
 */
async function counted(client: KubeClient, namespace: string, touch: boolean, signal: AbortSignal): Promise<boolean> {
  const known = await client.get(RESOURCES.ResourceQuota, namespace, NAME, signal);
  const before = (known?.['spec'] as { hard?: Record<string, string> } | undefined)?.hard ?? {};
  const size = Object.values(before).includes('10k') ? '20k' : '10k'; // as the server writes them
  const hard = Object.fromEntries(limitedKinds.map(({ plural }) => [`count/${plural}.${GROUP}`, size]));
  const quota: KubeObject = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: NAME, namespace, labels: { 'app.kubernetes.io/part-of': 'ringfleet' } },
    spec: { hard },
  };
  const used = (known?.['status'] as { used?: Record<string, string> } | undefined)?.used ?? {};
  if (Object.keys(hard).every(name => name in used)) return true;
  if (!known || touch) await client.apply(quota, 'ringfleet', signal);
  return false;
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}

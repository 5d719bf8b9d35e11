import { API_VERSION } from '../core/names.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';

/**
 * A quota whose status is not computed yet refuses every create of its kinds. So one of ours in the operator's own
 * namespace tells first whether the quota controller knows our kinds; until then no tenant gets a quota.
 */
const NAME = 'ringfleet-quota-canary';
const KINDS = ['sipusers', 'phonenumbers', 'trunks'] as const;
const LOOK_MS = 5_000;

export class QuotaCanary {
  #sings = false;

  get sings(): boolean {
    return this.#sings;
  }

  /** Returns when the quota controller has counted our kinds. */
  async run(client: KubeClient, namespace: string, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        if (await counted(client, namespace, signal)) {
          this.#sings = true;
          log.info('Found the quota controller to know our kinds');
          return;
        }
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ err: error }, 'Failed to look after the quota canary');
      }
      await clock.sleep(LOOK_MS, signal);
    }
  }
}

async function counted(client: KubeClient, namespace: string, signal: AbortSignal): Promise<boolean> {
  const hard = Object.fromEntries(KINDS.map(plural => [`count/${plural}.${API_VERSION.split('/')[0]}`, '10000']));
  const known = await client.get(RESOURCES.ResourceQuota, namespace, NAME, signal);
  const quota: KubeObject = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: NAME, namespace, labels: { 'app.kubernetes.io/part-of': 'ringfleet' } },
    spec: { hard },
  };
  if (!known) {
    await client.apply(quota, 'ringfleet', signal);
    return false;
  }
  const used = (known['status'] as { used?: Record<string, string> } | undefined)?.used ?? {};
  return Object.keys(hard).every(name => name in used);
}

import { limitedKinds } from '../api/index.ts';
import { ON_DELETE } from '../core/names.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import { type Clock, until } from '../runtime/clock.ts';

/**
 * Whether a tenant may be taken away, asked before anything of it is. The API server's own guard of deletion
 * (config/operator/policies.yaml) is about the Organization alone, and whoever deletes many objects (Helm) may come to that
 * one when its users are gone.
 */
export interface UninstallCheckOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** The tenant's, which is the name of its Organization too. */
  readonly namespace: string;
}

const CONFIRMED = ['cascade', 'purge'];
const DEADLINE_MS = 30_000;
const AGAIN_MS = 500;

/**
 * @returns what is still there, "users (3), trunks (1)"; undefined when the tenant may go
 * @throws when the API server does not say so within half a minute
 */
export function stillInUse(
  { client, clock, namespace }: UninstallCheckOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ask = async (): Promise<{ readonly inUse: string | undefined } | undefined> => {
    try {
      const organization = await client.get(RESOURCES.Organization, namespace, namespace, signal);
      return { inUse: organization && inUse(organization) };
    } catch (error) {
      // forbidden: the role was made a moment ago
      if (error instanceof KubeError && (error.retryable || error.code === 403)) return undefined;
      throw error;
    }
  };
  const options = { clock, deadlineMs: DEADLINE_MS, everyMs: AGAIN_MS, signal };
  return until(`Organization ${namespace} to be read`, ask, options).then(({ inUse: what }) => what);
}

/** The same question as the API server's guard asks, of the same numbers. */
function inUse({ metadata, status }: KubeObject): string | undefined {
  if (CONFIRMED.includes(metadata.annotations?.[ON_DELETE] ?? '')) return undefined;
  const usage = (status as { usage?: Record<string, { used?: unknown } | undefined> } | undefined)?.usage ?? {};
  const counts = limitedKinds.map(({ limit }) => ({ count: Number(usage[limit.name]?.used ?? 0), words: limit.words }));
  const there = counts.filter(({ count }) => count > 0).map(({ count, words }) => `${words} (${count})`);
  return there.length > 0 ? there.join(', ') : undefined;
}

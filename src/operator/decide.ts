import type { SipUser } from '../api/index.ts';
import type { compile } from '../core/compile.ts';
import { withGeneratedSecrets } from '../core/generated-secrets.ts';
import { credentialsName } from '../core/names.ts';
import type { Plan, SecretRequest } from '../core/plan.ts';
import type { TenantSnapshot } from '../core/snapshot.ts';
import type { KubeClient } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import { forEachLimit } from '../runtime/concurrency.ts';
import type { Caches } from './caches.ts';
import type { ClaimIndex } from './claims.ts';
import type { OperatorMetrics } from './metrics.ts';

/** Decides what should exist for a tenant: calls the pure `compile`, and generates the secrets that it requests. */
export interface DecideOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly claims: ClaimIndex;
  readonly clock: Clock;
  readonly metrics: OperatorMetrics;
  readonly randomValue: (form: SecretRequest['form']) => string;
  readonly compile: typeof compile;
  /** Reconciles another tenant, because the holder of something that it claims has changed. */
  readonly lookAgain: (namespace: string) => void;
}

export interface Decided {
  readonly snapshot: TenantSnapshot;
  readonly plan: Plan;
}

/** The cache has an older version of an object that would be overwritten. A later pass succeeds. */
class StaleCacheError extends Error {
  constructor(secret: string) {
    super(`The cache has not the newest of Secret ${secret}`);
    this.name = 'StaleCacheError';
  }
}

/** The plan for a snapshot. One that has `secretRequests` is not to be carried out: another follows it. */
export function decide(snapshot: TenantSnapshot, options: DecideOptions): Decided {
  const { clock, metrics } = options;
  const begun = clock.monotonic();
  const plan = options.compile(snapshot, `${new Date(clock.now()).toISOString().slice(0, 19)}Z`);
  metrics.compiled((clock.monotonic() - begun) / 1000);
  // Synchronously with the decision, since several tenants are decided on at a time.
  if (plan.inForce) for (const other of options.claims.hold(snapshot.namespace, plan.inForce)) options.lookAgain(other);
  return { snapshot, plan };
}

/** Generates the passwords and PINs that a plan requests, and decides again with them. Throws StaleCacheError. */
export async function generateSecrets(
  { snapshot, plan }: Decided,
  options: DecideOptions,
  signal: AbortSignal,
): Promise<Decided> {
  if (plan.secretRequests.length === 0) return { snapshot, plan };
  await assertFresh(snapshot, plan.secretRequests, options, signal);
  return decide(
    withGeneratedSecrets(snapshot, plan, ({ form }) => options.randomValue(form)),
    options,
  );
}

/** A new password that replaces one which the cache has not seen yet would lock a phone out. */
async function assertFresh(
  { namespace, objects }: TenantSnapshot,
  secretRequests: readonly SecretRequest[],
  { client, caches }: DecideOptions,
  signal: AbortSignal,
): Promise<void> {
  await forEachLimit([...new Set(secretRequests.map(one => one.secret))], 16, async name => {
    const cached = caches.store('Secret').get(namespace, name) ?? caches.store('UnmanagedSecret').get(namespace, name);
    const live = await client.get(RESOURCES.Secret, namespace, name, signal);
    if (live?.metadata.resourceVersion !== cached?.metadata.resourceVersion) throw new StaleCacheError(name);
    const owner = live ? undefined : objects.SipUser.find(user => credentialsName(user.metadata.name) === name);
    if (owner && hadCredentials(owner)) await assertExists(owner, { namespace, client }, signal);
  });
}

/** User and credentials may both be deleted while the cache has only seen that the credentials are. */
async function assertExists(
  { metadata: { name, uid } }: SipUser,
  { namespace, client }: { namespace: string; client: KubeClient },
  signal: AbortSignal,
): Promise<void> {
  const live = await client.get(RESOURCES.SipUser, namespace, name, signal);
  if (live?.metadata.uid !== uid) throw new StaleCacheError(credentialsName(name));
}

/** Whether a user may have had credentials: a new user has no conditions yet. */
function hadCredentials({ status }: SipUser): boolean {
  return (status?.conditions ?? []).length > 0;
}

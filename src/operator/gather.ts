import { type Organization, type OrganizationClass, ofEachKind } from '../api/index.ts';
import { evaluateOrganization } from '../core/kinds/organization/resolve.ts';
import { Memo } from '../core/memo.ts';
import { pbxName } from '../core/names.ts';
import type { Manifest, Platform, TenantSnapshot } from '../core/snapshot.ts';
import type { Tenant } from '../core/tenant.ts';
import type { KubeObject } from '../kube/resource.ts';
import { addressOf, portsOf } from './address.ts';
import type { AgentView } from './agents.ts';
import type { AgentCertificates } from './ca.ts';
import type { Caches } from './caches.ts';
import type { ClaimIndex } from './claims.ts';
import type { Parsed, Sorted } from './parsed.ts';
import { nodeNameOf, podIpOf, podView } from './pod-view.ts';
import type { Records } from './records.ts';
import type { Referring, Secrets } from './secrets.ts';
import type { TenantRuntime } from './tenant-runtime.ts';
import { isUnmanaged } from './unmanaged.ts';

/** Makes the snapshot of one tenant, mostly from the caches. All reads of a pass are here. */
export interface GatherOptions {
  readonly caches: Caches;
  readonly parsed: Parsed;
  readonly secrets: Secrets;
  readonly claims: ClaimIndex;
  readonly certificates: AgentCertificates;
  readonly records: Records;
  readonly platform: {
    readonly image: string;
    readonly operatorNamespace: string;
    readonly clusterCidrs: readonly string[];
  };
}

/** What only the running operator knows of a tenant. */
export interface LiveState {
  readonly agent: AgentView;
  readonly quotaAllowed: boolean;
  readonly idle: boolean;
  /** Children that the API server rejected in the last pass, as messages. */
  readonly refused: readonly string[];
  /** PBXs of other tenants that were replaced and are not ready yet. */
  readonly away: Platform['away'];
}

const SIP_PORT = 5060;

export async function gather(
  runtime: TenantRuntime,
  { agent, ...liveState }: LiveState,
  options: GatherOptions,
  signal: AbortSignal,
): Promise<TenantSnapshot> {
  const { caches, parsed, secrets, claims, records, platform } = options;
  const { namespace } = runtime;
  const read = <T>(kind: Parameters<Caches['store']>[0], place = namespace): Sorted<T> =>
    parsed.sort<T>(caches.store(kind).list(place));
  const organizations = read<Organization>('Organization');
  const classes = read<OrganizationClass>('OrganizationClass', '');
  const sorted = ofEachKind(kind => read<Referring>(kind));
  const objects = ofEachKind(kind => sorted[kind].valid) as TenantSnapshot['objects'];
  const pod = caches.store('Pod').get(namespace, `${pbxName(namespace)}-0`);
  const node = caches.store('Node').get('', nodeNameOf(pod) ?? '');
  const own = organizations.valid.filter(one => one.metadata.deletionTimestamp === undefined);
  const namespaceLabels = caches.store('Namespace').get('', namespace)?.metadata.labels ?? {};
  const { inForce } = records.of(namespace);
  const known = {
    namespace,
    classes: classes.valid,
    objects,
    claims: claims.claims,
    ...(inForce && { inForce }),
  };
  const evaluated = own.map(one => evaluateOrganization(one, { ...known, platform: { namespaceLabels } }));
  const tenant = evaluated.find(one => one.tenant)?.tenant;
  return {
    ...known,
    organizations: own,
    invalid: [organizations, ...Object.values(sorted)].flatMap(({ invalid }) => invalid),
    secrets: await secrets.of(runtime, [own, ...Object.values(objects)], signal),
    children: caches.children(namespace) as readonly Manifest[],
    unmanagedSecretNames: unmanagedSecrets(caches, namespace),
    ...(agent.report ? { report: agent.report } : {}),
    agent: {
      current: agent.current,
      silentSeconds: agent.silentSeconds,
      pending: agent.pending,
      ...(agent.unreadable === undefined ? {} : { unreadable: agent.unreadable }),
    },
    ...(pod ? { pod: podView(pod, node) } : {}),
    platform: {
      mode: 'cluster',
      image: platform.image,
      operatorNamespace: platform.operatorNamespace,
      clusterCidrs: platform.clusterCidrs,
      apiServers: caches.apiServers(),
      sipPort: SIP_PORT,
      ...(tenant ? await ofTenant(tenant, { runtime, pod, node }, options) : {}),
      quotaReady:
        liveState.quotaAllowed || caches.store('ResourceQuota').get(namespace, `${namespace}-limits`) !== undefined,
      namespaceLabels,
      idle: liveState.idle,
      refused: liveState.refused,
      away: liveState.away,
    },
  };
}

const unmanagedSecretNames = new Memo<readonly KubeObject[], ReadonlySet<string>>();

function unmanagedSecrets(caches: Caches, namespace: string): ReadonlySet<string> {
  const list = caches.store('UnmanagedSecret').list(namespace);
  return unmanagedSecretNames.of(
    list,
    [],
    () => new Set(list.filter(isUnmanaged).map(({ metadata }) => metadata.name)),
  );
}

async function ofTenant(
  tenant: Tenant,
  { runtime, pod, node }: { runtime: TenantRuntime; pod: KubeObject | undefined; node: KubeObject | undefined },
  { caches, certificates }: GatherOptions,
): Promise<Pick<Platform, 'address' | 'publicPorts' | 'agentTls'>> {
  const { namespace } = runtime;
  const service = caches.store('Service').get(namespace, `${tenant.name}-sip`);
  const address = addressOf({ tenant, service, node, podIp: podIpOf(pod) });
  const live = caches.store('Secret').get(namespace, `${pbxName(tenant.name)}-tls`);
  return {
    ...(address ? { address } : {}),
    publicPorts: portsOf(tenant, service, SIP_PORT),
    agentTls: await certificates.of(runtime, live),
  };
}

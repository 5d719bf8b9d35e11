import type { ObjectLists, ObjectMeta, Organization, OrganizationClass } from '../api/index.ts';
import type { InForce } from '../api/record.ts';
import type { AgentReport } from '../api/report.ts';

/**
 * Everything that `compile` may look at: one tenant's namespace as the caches have it, and the few things that a tenant
 * cannot see alone. Plain data; gathering it is the shell's work (`operator/gather.ts`, `standalone/directory.ts`). What it
 * is made of is never changed, only replaced, since `compile` remembers it by identity; `claims` alone are as they are now.
 */
export interface TenantSnapshot {
  readonly namespace: string;
  readonly organizations: readonly Organization[];
  readonly classes: readonly OrganizationClass[];
  /** What the tenant has, by kind. */
  readonly objects: ObjectLists;
  /** Objects that the schema refuses (stored under an older one, or read from a file). */
  readonly invalid: readonly InvalidObject[];
  readonly secrets: ReadonlyMap<string, SecretView>;
  /** Live objects that carry our labels, raw. */
  readonly children: readonly Manifest[];
  /** Names of Secrets in the namespace that are other people's. */
  readonly unmanagedSecretNames?: Pick<ReadonlySet<string>, 'has'>;
  readonly claims: Claims;
  /** What was in force of an Organization when each of its fields was good; absent: nothing ever was. */
  readonly inForce?: InForce;
  readonly report?: AgentReport;
  /** Whether `report` is of the pod that is there now, and how long its agent has said nothing. Absent: it is. */
  readonly agent?: {
    readonly current: boolean;
    readonly silentSeconds: number;
    readonly pending?: boolean;
    /** Why what it reports cannot be read, when it cannot. */
    readonly unreadable?: string;
  };
  /** The PBX pod as the API server knows it. */
  readonly pod?: PodView;
  readonly platform: Platform;
}

export interface InvalidObject {
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly status?: unknown;
  /** The field and what is wrong with it, in words for the user. */
  readonly violation: string;
}

/** Those of a kind that the schema refuses: they exist, and nothing of them changes until they can be read again. */
export function invalidOf(kind: string, { invalid }: Pick<TenantSnapshot, 'invalid'>): readonly InvalidObject[] {
  return invalid.filter(one => one.kind === kind && one.metadata.deletionTimestamp === undefined);
}

export interface SecretView {
  readonly name: string;
  /** uid of the object that controls it. */
  readonly ownerUid?: string;
  readonly data: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Who wants a thing that only one on the platform may have. */
export interface Claimant {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: string;
  /** 0: has it; 1: was not judged yet; 2: was judged, another has it; 3: may not have it. */
  readonly standing: 0 | 1 | 2 | 3;
}

/** Who has what, among all who want it (`core/claims.ts`). */
export interface Claims {
  readonly emails: ReadonlyMap<string, Claimant>;
  readonly numbers: ReadonlyMap<string, Claimant>;
  readonly domains: ReadonlyMap<string, Claimant>;
}

export interface PodView {
  readonly name: string;
  readonly uid: string;
  readonly ip?: string;
  readonly hostIp?: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** It has not begun to serve: no node has room, an image is not there, or it is just starting. */
  readonly neverRan?: boolean;
  readonly image?: string;
  /** `ringfleet.io/spec` of the pod: the digest of the template that it was made from. */
  readonly templateDigest?: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** On a node that is cordoned: to be moved when it is quiet. */
  readonly cordoned: boolean;
}

export interface PublicPorts {
  readonly udp: number;
  readonly tcp: number;
}

/** Where a phone finds SIP over a transport. */
export function publicPort(transport: string, { publicPorts, sipPort }: Platform): number {
  return (transport === 'UDP' ? publicPorts?.udp : publicPorts?.tcp) ?? sipPort;
}

/** A PBX that a roll replaced and that does not serve yet. */
export interface Away {
  /** What the roll was about (`roll.ts`). */
  readonly cause: string;
  /** For so long that it may not come back by itself. */
  readonly stuck: boolean;
}

/** What the platform around a tenant is like. */
export interface Platform {
  /** `cluster`, or `directory` for `ringfleet up`: no child objects but credentials. */
  readonly mode: 'cluster' | 'directory';
  readonly image: string;
  readonly operatorNamespace: string;
  readonly sipPort: number;
  /** The address that phones use, and how it was found; undefined while it is not known. */
  readonly address?: {
    readonly value: string;
    readonly source: string /** Say it in Contact and SDP: Asterisk does not see it itself. */;
    readonly advertise: boolean;
  };
  /** Networks of the cluster itself that a PBX has no business in. */
  readonly clusterCidrs?: readonly string[];
  /** Addresses of the API server itself, in order. */
  readonly apiServers?: readonly string[];
  /** The ports of SIP at that address; absent: `sipPort`. */
  readonly publicPorts?: PublicPorts;
  /** PBXs of other tenants that a roll replaced and that do not serve yet. */
  readonly away: readonly Away[];
  /** The quota controller knows our kinds, and the tenant has been quiet: a quota would not trip an installation. */
  readonly quotaReady: boolean;
  /** Labels of the namespace. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** PEM of the agent's server certificate, made by the shell's CA; undefined while there is none. */
  readonly agentTls?: { readonly certificate: string; readonly key: string; readonly ca: string };
  /** The pod has had no channel for so long that it may be evicted. */
  readonly idle: boolean;
  /** Child objects that the API server does not take, in words. */
  readonly refused: readonly string[];
}

/** Any Kubernetes object as JSON. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [member: string]: unknown;
}

/** There is a PBX that was not heard yet and may be any moment (a new leader): its state is not known, nor told. */
export function isAgentPending({ agent, pod }: Pick<TenantSnapshot, 'agent' | 'pod'>): boolean {
  return agent?.pending === true && pod !== undefined;
}

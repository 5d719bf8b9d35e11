import type { ObjectLists, ObjectMeta, Organization, OrganizationClass } from '../api/index.ts';
import type { InForce } from '../api/record.ts';
import type { AgentReport } from '../api/report.ts';

/**
 * Everything that `compile` may know: the objects in the namespace of one tenant as the caches have them, and the few facts
 * that come from outside the namespace. Plain data, gathered by `operator/gather.ts` or `standalone/pbx.ts`. An object in
 * it is replaced when it changes, never modified, because `compile` keeps results by the identity of their inputs. The
 * exceptions are `claims`, which are live maps, and `children` (see `shareTexts` in diff.ts).
 */
export interface TenantSnapshot {
  readonly namespace: string;
  readonly organizations: readonly Organization[];
  readonly classes: readonly OrganizationClass[];
  /** The tenant's objects, by kind. */
  readonly objects: ObjectLists;
  /** Objects that the schema refuses (stored under an older one, or read from a file). */
  readonly invalid: readonly InvalidObject[];
  readonly secrets: ReadonlyMap<string, SecretView>;
  /** Live child objects, which are those with our label, as the API server has them. */
  readonly children: readonly Manifest[];
  /** Names of the Secrets in the namespace that the operator does not manage. */
  readonly unmanagedSecretNames?: Pick<ReadonlySet<string>, 'has'>;
  readonly claims: Claims;
  /** The values of the Organization that were last accepted; absent: none ever was. */
  readonly inForce?: InForce;
  readonly report?: AgentReport;
  /**
   * Whether `report` is from the pod that exists now, for how long its agent has been silent, and whether its first report
   * is still to come (`pending`). Absent in a directory, where the report is always current.
   */
  readonly agent?: {
    readonly current: boolean;
    readonly silentSeconds: number;
    readonly pending?: boolean;
    /** Why the agent's reports cannot be read; absent: they can. */
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
  /** The field and what is wrong with it, for the user. */
  readonly violation: string;
}

/** Objects of a kind that do not match the schema. They exist, and what was made of them stays until they match again. */
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

/** An object that wants something that only one object on the platform may have. */
export interface Claimant {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: string;
  /** 0: has it; 1: not decided yet; 2: refused, since another has it; 3: not entitled to it. */
  readonly standing: 0 | 1 | 2 | 3;
}

/** The holder of each e-mail address, phone number and SIP domain on the platform (`core/claims.ts`). */
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
  /** It is still Pending: no node has room, its image cannot be pulled, or it is just starting. */
  readonly neverRan?: boolean;
  readonly image?: string;
  /** Digest of the template that the pod was made from (annotation `ringfleet.io/template`). */
  readonly templateDigest?: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Its node is cordoned, so it is to move as soon as it has no calls. */
  readonly cordoned: boolean;
}

export interface PublicPorts {
  readonly udp: number;
  readonly tcp: number;
}

/** The port to which phones send SIP over a transport. */
export function publicPort(transport: string, { publicPorts, sipPort }: Platform): number {
  return (transport === 'UDP' ? publicPorts?.udp : publicPorts?.tcp) ?? sipPort;
}

/** A PBX that a roll replaced and that is not ready yet. */
export interface Away {
  /** Why it was replaced (`roll.ts`). */
  readonly cause: string;
  /** It has been away for so long that it may not come back without help. */
  readonly stuck: boolean;
}

/** Facts about the cluster, or the machine, on which a tenant runs. */
export interface Platform {
  /** `cluster`, or `directory` for `ringfleet up`: no child objects but credentials. */
  readonly mode: 'cluster' | 'directory';
  readonly image: string;
  readonly operatorNamespace: string;
  readonly sipPort: number;
  /** The address that phones use, and how it was found; undefined while it is not known. */
  readonly address?: {
    readonly value: string;
    readonly source: string;
    /** Asterisk must write it into Contact and SDP, because it is the address of none of its interfaces. */
    readonly advertise: boolean;
  };
  /** Networks of pods and Services, which a PBX must not reach. */
  readonly clusterCidrs?: readonly string[];
  /** Addresses of the API server behind its Service, sorted. */
  readonly apiServers?: readonly string[];
  /** Ports for SIP at that address; absent: `sipPort`. */
  readonly publicPorts?: PublicPorts;
  /** PBXs of other tenants that a roll replaced and that are not ready yet. */
  readonly away: readonly Away[];
  /** The quota controller counts our kinds, and the tenant is installed: a quota can no longer break an installation. */
  readonly quotaReady: boolean;
  /** Labels of the namespace. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** The agent's server certificate in PEM, issued by the operator's CA; absent while there is none. */
  readonly agentTls?: { readonly certificate: string; readonly key: string; readonly ca: string };
  /** The PBX has had no channel for so long that its pod may be evicted. */
  readonly idle: boolean;
  /** Child objects that the API server rejected in the last pass, as messages. */
  readonly refused: readonly string[];
}

/** The platform of manifests in a directory, where there is no cluster. SIP is at the port of RFC 3261. */
export const NO_CLUSTER: Platform = {
  mode: 'directory',
  image: '',
  operatorNamespace: '',
  sipPort: 5060,
  quotaReady: false,
  away: [],
  refused: [],
  namespaceLabels: {},
  idle: true,
};

/** Any Kubernetes object as JSON. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [member: string]: unknown;
}

/**
 * Whether the first report of an existing PBX is still to come, as after a change of leader. Until then its state is not
 * known, so no status is written and nothing is done to the pod.
 */
export function isAgentPending({ agent, pod }: Pick<TenantSnapshot, 'agent' | 'pod'>): boolean {
  return agent?.pending === true && pod !== undefined;
}

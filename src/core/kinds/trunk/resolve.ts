import type { Trunk } from '../../../api/index.ts';
import { usableCodecs } from '../../checks/codecs.ts';
import { FALLBACK, resolveDestination, resolveNumber } from '../../checks/destination.ts';
import { secretText } from '../../checks/secrets.ts';
import type { Finding } from '../../finding.ts';
import { parseProxy, type SipProxy } from '../../sip-proxy.ts';
import type { SecretView } from '../../snapshot.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import type { Evaluated } from '../module.ts';
import { refusal } from './checks.ts';
import { notYet } from './not-yet.ts';
import { overlaps, sourcesOf } from './sources.ts';

export interface TrunkCredentials {
  readonly username: string;
  readonly password: string;
  readonly realm?: string;
}

/** Who we are at the carrier. */
interface TrunkAccount {
  /** User part of our address of record. */
  readonly user: string;
  /** Its domain; absent: that of the first server. */
  readonly domain?: string;
}

/** A trunk as the renderer needs it: its spec and its Secrets, checked and parsed. */
export interface ResolvedTrunk {
  readonly trunk: Trunk;
  readonly account?: TrunkAccount;
  /** Our login at the carrier; absent: it asks for no password. */
  readonly credentials?: TrunkCredentials;
  readonly inboundCredentials?: TrunkCredentials;
  readonly proxy?: SipProxy;
  /** To the next hop: the proxy, or the server if there is no proxy. */
  readonly transport: 'UDP' | 'TCP';
  /** IPv4 addresses and networks from which its calls come. */
  readonly sources: readonly string[];
  readonly codecs: readonly string[];
  /** Destination word for called numbers that no PhoneNumber has. */
  readonly unknownNumber: string;
  /** Caller ID for callers without a number of their own; empty: none. */
  readonly callerId: string;
}

export type EvaluatedTrunk = Evaluated<Trunk, ResolvedTrunk>;

/** Evaluates all trunks, in the order of the list, and finds those that share addresses. */
export function evaluateTrunks(trunks: readonly Trunk[], index: TenantIndex): readonly EvaluatedTrunk[] {
  const evaluated = trunks.map(trunk => evaluateTrunk(trunk, index));
  const shared = overlaps(
    evaluated.flatMap(({ object, resolved }) => {
      if (!resolved) return [];
      const authenticates = resolved.inboundCredentials !== undefined;
      return [{ name: object.metadata.name, networks: resolved.sources, authenticates }];
    }),
  );
  return evaluated.map(one => {
    const found = shared.get(one.object.metadata.name);
    if (!found) return one;
    const { violation, fatal } = found;
    return fatal
      ? { ...one, degradations: [...one.degradations, violation] }
      : { ...one, notices: [...one.notices, violation] };
  });
}

function evaluateTrunk(trunk: Trunk, index: TenantIndex): EvaluatedTrunk {
  const { spec } = trunk;
  const notices = [...notYet(spec)];
  const violation = refusal(trunk, index);
  if (violation) return { object: trunk, violation, degradations: [], notices };
  const degradations: Finding[] = [];
  const secrets = index.snapshot.secrets;
  const credentials = credentialsOf(secrets.get(spec.credentialsSecretRef?.name ?? ''));
  const inboundCredentials = credentialsOf(secrets.get(spec.inbound?.auth?.secretRef?.name ?? ''));
  const account = accountOf(trunk, credentials?.username);
  const parsed = parseProxy(spec.identity?.outboundProxy || '');
  const proxy = 'proxy' in parsed ? parsed.proxy : undefined;
  const sources = sourcesOf(trunk, inboundCredentials !== undefined);
  const usable = usableCodecs(spec.codecs ?? CODECS, 'spec.codecs', CODECS);
  degradations.push(...sources.degradations, ...(usable.degradation ? [usable.degradation] : []));
  notices.push(...sources.notices, ...(usable.notice ? [usable.notice] : []));
  const resolved = {
    trunk,
    ...(account && { account }),
    ...(credentials?.password && { credentials }),
    ...(inboundCredentials && { inboundCredentials }),
    ...(proxy && { proxy }),
    transport: proxy?.transport ?? (spec.transport === 'TCP' ? 'TCP' : 'UDP'),
    sources: sources.networks,
    codecs: usable.codecs,
    unknownNumber: unknownNumber(trunk, index, degradations),
    callerId: callerId(trunk, index, degradations),
  } as const;
  return { object: trunk, degradations, notices, resolved };
}

const CODECS = ['alaw', 'ulaw'] as const;

/**
 * Who we are at the carrier. A user name may be a whole address (`+918043513850@ka.ims.example`): then its domain is that
 * of our address of record, and the digest has all of it (RFC 3261 §22.1: a user name is any text).
 */
function accountOf({ spec }: Trunk, username: string | undefined): TrunkAccount | undefined {
  if (username === undefined) {
    const user = spec.register?.enabled ? spec.identity?.fromUser : undefined;
    return user ? { user } : undefined;
  }
  const [user = '', domain] = username.split('@');
  return { user, ...(domain === undefined ? {} : { domain }) };
}

/** Where calls to unknown numbers go; by default they get 404. */
function unknownNumber(trunk: Trunk, index: TenantIndex, degradations: Finding[]): string {
  const destination = trunk.spec.inbound?.unknownNumber;
  if (!destination) return 'hangup:1';
  const next = resolveDestination(destination, 'spec.inbound.unknownNumber', index);
  if ('word' in next) return next.word;
  degradations.push(next.violation);
  return FALLBACK;
}

/** The trunk's fallback caller ID, or the Organization's, whose mistakes the trunk does not report. */
function callerId({ spec }: Trunk, index: TenantIndex, degradations: Finding[]): string {
  const own = spec.outbound?.fallbackCallerId?.name;
  const inherited = index.tenant.organization.spec.callerId?.default?.name;
  return own === undefined
    ? resolveNumber(inherited, 'spec.callerId.default', index, [])
    : resolveNumber(own, 'spec.outbound.fallbackCallerId', index, degradations);
}

/** The password may be empty. */
function credentialsOf(secret: SecretView | undefined): TrunkCredentials | undefined {
  const username = secretText(secret, 'username');
  const realm = secretText(secret, 'realm');
  if (!username) return undefined;
  return { username, password: secretText(secret, 'password') ?? '', ...(realm ? { realm } : {}) };
}

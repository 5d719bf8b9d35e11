import type { Trunk } from '../../api/index.ts';
import { inboundId, trunkId } from '../names.ts';
import type { SipProxy } from '../sip-proxy.ts';
import { secretValue, word } from './escape.ts';
import { DTMF, ENCRYPTION, only, optional, TIMERS } from './pjsip-words.ts';

/** Text of a trunk in the pjsip_*.conf files. */

export interface TrunkCredentials {
  readonly username: string;
  readonly password: string;
  readonly realm?: string;
}

/** Who we are at the carrier. */
export interface TrunkAccount {
  /** User part of our address of record. */
  readonly user: string;
  /** Its domain; absent: that of the first server. */
  readonly domain?: string;
}

/** A trunk as the renderer needs it: what its spec and its Secrets say, checked and taken apart. */
export interface RenderedTrunk {
  readonly trunk: Trunk;
  readonly account?: TrunkAccount;
  /** Absent: the carrier asks for none. */
  readonly credentials?: TrunkCredentials;
  readonly inboundCredentials?: TrunkCredentials;
  readonly proxy?: SipProxy;
  /** To the first hop: the proxy, or without one the server. */
  readonly transport: 'UDP' | 'TCP';
  /** IPv4 addresses and networks by which its calls are known. */
  readonly sources: readonly string[];
  readonly codecs: readonly string[];
  /** Destination word for numbers that are not ours. */
  readonly unknownNumber: string;
  /** Shown for a caller who has no number; empty: none. */
  readonly callerId: string;
}

export function trunkEndpoint(org: string, rendered: RenderedTrunk): string {
  const { trunk, account, credentials, inboundCredentials, codecs } = rendered;
  const id = word(trunkId(org, trunk.metadata.name));
  const { spec } = trunk;
  const identity = spec.identity ?? {};
  return [
    `[${id}](trunk)`,
    `aors=${id}`,
    ...only(credentials !== undefined, `outbound_auth=${id}`),
    ...only(inboundCredentials !== undefined, `auth=${inboundId(org, trunk.metadata.name)}`),
    ...only(isFoundByName(rendered), 'identify_by=ip,header'),
    `allow=!all,${codecs.map(word).join(',')}`,
    `transport=${rendered.transport.toLowerCase()}`,
    `send_pai=${spec.outbound?.callerIdHeader === 'PAssertedIdentity' || !spec.outbound?.callerIdHeader ? 'yes' : 'no'}`,
    ...only(spec.outbound?.callerIdHeader === 'RemotePartyId', 'send_rpid=yes'),
    ...optional('from_user', identity.fromUser),
    ...optional('from_domain', identity.fromDomain || account?.domain),
    ...optional('contact_user', identity.contactUser || account?.user),
    ...proxyLine(rendered),
    `dtmf_mode=${DTMF[spec.dtmf ?? 'RFC4733']}`,
    `timers=${TIMERS[spec.sessionTimers ?? 'Accept']}`,
    ...only(
      spec.mediaEncryption !== undefined && spec.mediaEncryption !== 'Disable',
      `media_encryption=${ENCRYPTION.Require}`,
    ),
    ...only(spec.mediaEncryption === 'Allow', 'media_encryption_optimistic=yes'),
  ].join('\n');
}

/** Where its calls go. Whether the carrier is there is asked by the endpoint's proxy, too (test/calls/carriers.test.ts). */
export function trunkAor(org: string, rendered: RenderedTrunk): string {
  const { trunk } = rendered;
  return [
    `[${word(trunkId(org, trunk.metadata.name))}]`,
    'type=aor',
    ...serversOf(trunk).map(server => `contact=${serverUri(server, rendered)}`),
    `qualify_frequency=${trunk.spec.health?.optionsSeconds ?? 30}`,
    'qualify_timeout=3',
  ].join('\n');
}

/** Its two logins: ours at the carrier, and the carrier's here. */
export function trunkAuths(org: string, { trunk, credentials, inboundCredentials }: RenderedTrunk): string[] {
  const { name } = trunk.metadata;
  return [
    ...(credentials ? [trunkAuth(trunkId(org, name), credentials)] : []),
    ...(inboundCredentials ? [trunkAuth(inboundId(org, name), inboundCredentials)] : []),
  ];
}

export function trunkAuth(id: string, { username, password, realm }: TrunkCredentials): string {
  return [
    `[${word(id)}]`,
    'type=auth',
    'auth_type=digest',
    `username=${secretValue(username)}`,
    `password=${secretValue(password)}`,
    ...(realm ? [`realm=${secretValue(realm)}`] : []),
  ].join('\n');
}

/**
 * Retries for ever and starts at once: a single bad answer must not stop a trunk for good (features.md T10). Undefined:
 * it does not register.
 */
export function trunkRegistration(org: string, rendered: RenderedTrunk): string | undefined {
  const { trunk, account, credentials } = rendered;
  const id = word(trunkId(org, trunk.metadata.name));
  const [server] = serversOf(trunk);
  const { register, identity } = trunk.spec;
  if (!register?.enabled || !account || !server) return undefined;
  const domain = identity?.fromDomain || account.domain;
  return [
    `[${id}]`,
    'type=registration',
    `transport=${rendered.transport.toLowerCase()}`,
    ...only(credentials !== undefined, `outbound_auth=${id}`),
    `endpoint=${id}`,
    'line=yes',
    `server_uri=${serverUri(server, rendered)}`,
    `client_uri=sip:${word(account.user)}@${domain ? word(domain) : hostPort(server)}`,
    `contact_user=${word(identity?.contactUser || account.user)}`,
    ...proxyLine(rendered),
    `expiration=${register.expirySeconds ?? 300}`,
    'retry_interval=10',
    'forbidden_retry_interval=30',
    'fatal_retry_interval=30',
    'auth_rejection_permanent=no',
    'max_retries=1000000',
    'max_random_initial_delay=0',
  ].join('\n');
}

/**
 * Only addresses and networks: a host name would make Asterisk wait for DNS at every load. A carrier that authenticates
 * and whose addresses nobody knows is found by the user name that it answers the challenge with.
 */
export function trunkIdentify(org: string, rendered: RenderedTrunk): string[] {
  const { trunk, inboundCredentials, sources } = rendered;
  const { name } = trunk.metadata;
  const id = word(trunkId(org, name));
  const head = ['type=identify', `endpoint=${id}`];
  const byAddress = [`[${id}]`, ...head, 'srv_lookups=no', ...sources.map(source => `match=${word(source)}`)];
  const byName =
    inboundCredentials && isFoundByName(rendered)
      ? [`[${inboundId(org, name)}]`, ...head, `match_header=Authorization: ${authorizationOf(inboundCredentials)}`]
      : [];
  return [byAddress.join('\n'), byName.join('\n')].filter((_, at) => (at === 0 ? sources : byName).length > 0);
}

/** With `inbound.sources` it must come from there. */
function isFoundByName({ trunk, inboundCredentials }: RenderedTrunk): boolean {
  return inboundCredentials !== undefined && !trunk.spec.inbound?.sources?.length;
}

function authorizationOf({ username }: TrunkCredentials): string {
  return `/username="${word(username).replace(/[.+*]/g, '[$&]')}"/`;
}

interface Server {
  readonly host: string;
  readonly port?: number | undefined;
}

function serversOf(trunk: Trunk): readonly Server[] {
  return [...trunk.spec.servers].sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
}

function serverUri(server: Server, { transport }: RenderedTrunk): string {
  return `sip:${hostPort(server)}\\;transport=${transport.toLowerCase()}`;
}

function proxyLine({ proxy, transport }: RenderedTrunk): string[] {
  return proxy ? [`outbound_proxy=sip:${hostPort(proxy)}\\;transport=${transport.toLowerCase()}\\;lr`] : [];
}

function hostPort({ host, port }: Server): string {
  return `${word(host)}${port ? `:${port}` : ''}`;
}

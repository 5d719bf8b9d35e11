import type { Trunk } from '../../../api/index.ts';
import { secretValue, word } from '../../asterisk/escape.ts';
import { setAll } from '../../asterisk/extension-line.ts';
import type { ObjectWriter, Section } from '../../asterisk/object-writer.ts';
import { DTMF, ENCRYPTION, only, optional, TIMERS } from '../../asterisk/pjsip-words.ts';
import { inboundId, trunkId } from '../../names.ts';
import type { Tenant } from '../../tenant.ts';
import type { ResolvedTrunk, TrunkCredentials } from './resolve.ts';

/** Writes a trunk into the pjsip_*.conf files and the dialplan. */
export function render(out: ObjectWriter, one: ResolvedTrunk, { name }: Tenant): void {
  out.sections('pjsip_endpoint.conf', trunkEndpoint(name, one));
  out.sections('pjsip_aor.conf', trunkAor(name, one));
  out.sections('pjsip_auth.conf', ...trunkAuths(name, one));
  out.sections('pjsip_registration.conf', ...trunkRegistration(name, one));
  for (const identify of trunkIdentify(name, one)) out.sections('pjsip_identify.conf', identify);
  out.text('extensions_tenant.conf', trunkLine(name, one));
}

function trunkEndpoint(org: string, resolved: ResolvedTrunk): Section {
  const { trunk, account, credentials, inboundCredentials, codecs } = resolved;
  const id = word(trunkId(org, trunk.metadata.name));
  const { spec } = trunk;
  const identity = spec.identity ?? {};
  const lines = [
    `aors=${id}`,
    ...only(credentials !== undefined, `outbound_auth=${id}`),
    ...only(inboundCredentials !== undefined, `auth=${inboundId(org, trunk.metadata.name)}`),
    ...only(isFoundByName(resolved), 'identify_by=ip,header'),
    `allow=!all,${codecs.map(word).join(',')}`,
    `transport=${resolved.transport.toLowerCase()}`,
    `send_pai=${spec.outbound?.callerIdHeader === 'PAssertedIdentity' || !spec.outbound?.callerIdHeader ? 'yes' : 'no'}`,
    ...only(spec.outbound?.callerIdHeader === 'RemotePartyId', 'send_rpid=yes'),
    ...optional('from_user', identity.fromUser),
    ...optional('from_domain', identity.fromDomain || account?.domain),
    ...optional('contact_user', identity.contactUser || account?.user),
    ...proxyLine(resolved),
    `dtmf_mode=${DTMF[spec.dtmf ?? 'RFC4733']}`,
    `timers=${TIMERS[spec.sessionTimers ?? 'Accept']}`,
    ...only(
      spec.mediaEncryption !== undefined && spec.mediaEncryption !== 'Disable',
      `media_encryption=${ENCRYPTION.Require}`,
    ),
    ...only(spec.mediaEncryption === 'Allow', 'media_encryption_optimistic=yes'),
  ];
  return { id, template: 'trunk', lines };
}

/** The addresses for calls to the carrier. OPTIONS go by the endpoint's outbound proxy as well (test/calls/carriers.test.ts). */
function trunkAor(org: string, resolved: ResolvedTrunk): Section {
  const { trunk } = resolved;
  const lines = [
    'type=aor',
    ...serversOf(trunk).map(server => `contact=${serverUri(server, resolved)}`),
    `qualify_frequency=${trunk.spec.health?.optionsSeconds ?? 30}`,
    'qualify_timeout=3',
  ];
  return { id: trunkId(org, trunk.metadata.name), lines };
}

/** Credentials for both directions: ours at the carrier, and the carrier's here. */
function trunkAuths(org: string, { trunk, credentials, inboundCredentials }: ResolvedTrunk): Section[] {
  const { name } = trunk.metadata;
  return [
    ...(credentials ? [trunkAuth(trunkId(org, name), credentials)] : []),
    ...(inboundCredentials ? [trunkAuth(inboundId(org, name), inboundCredentials)] : []),
  ];
}

export function trunkAuth(id: string, { username, password, realm }: TrunkCredentials): Section {
  const lines = [
    'type=auth',
    'auth_type=digest',
    `username=${secretValue(username)}`,
    `password=${secretValue(password)}`,
    ...(realm ? [`realm=${secretValue(realm)}`] : []),
  ];
  return { id, lines };
}

/**
 * The outbound registration; none: the trunk does not register. It starts at once and retries for ever, so that a
 * single bad answer does not stop a trunk for good (features.md T10).
 */
function trunkRegistration(org: string, resolved: ResolvedTrunk): Section[] {
  const { trunk, account, credentials } = resolved;
  const id = word(trunkId(org, trunk.metadata.name));
  const [server] = serversOf(trunk);
  const { register, identity } = trunk.spec;
  if (!register?.enabled || !account || !server) return [];
  const domain = identity?.fromDomain || account.domain;
  const lines = [
    'type=registration',
    `transport=${resolved.transport.toLowerCase()}`,
    ...only(credentials !== undefined, `outbound_auth=${id}`),
    `endpoint=${id}`,
    'line=yes',
    `server_uri=${serverUri(server, resolved)}`,
    `client_uri=sip:${word(account.user)}@${domain ? word(domain) : hostPort(server)}`,
    `contact_user=${word(identity?.contactUser || account.user)}`,
    ...proxyLine(resolved),
    `expiration=${register.expirySeconds ?? 300}`,
    'retry_interval=10',
    'forbidden_retry_interval=30',
    'fatal_retry_interval=30',
    'auth_rejection_permanent=no',
    'max_retries=1000000',
    'max_random_initial_delay=0',
  ];
  return [{ id, lines }];
}

/**
 * How calls of the carrier are recognised: by addresses and networks only, since a host name would make Asterisk wait for DNS
 * at every load. A carrier that authenticates and has no known addresses is recognised by the user name in its
 * Authorization header.
 */
function trunkIdentify(org: string, resolved: ResolvedTrunk): Section[] {
  const { trunk, inboundCredentials, sources } = resolved;
  const { name } = trunk.metadata;
  const id = word(trunkId(org, name));
  const head = ['type=identify', `endpoint=${id}`];
  const found: Section[] = [];
  if (sources.length > 0)
    found.push({ id, lines: [...head, 'srv_lookups=no', ...sources.map(source => `match=${word(source)}`)] });
  if (inboundCredentials && isFoundByName(resolved)) {
    const header = `match_header=Authorization: ${authorizationOf(inboundCredentials)}`;
    found.push({ id: inboundId(org, name), lines: [...head, header] });
  }
  return found;
}

/** Not with `inbound.sources`: then calls must come from there. */
function isFoundByName({ trunk, inboundCredentials }: ResolvedTrunk): boolean {
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

function serverUri(server: Server, { transport }: ResolvedTrunk): string {
  return `sip:${hostPort(server)}\\;transport=${transport.toLowerCase()}`;
}

function proxyLine({ proxy, transport }: ResolvedTrunk): string[] {
  return proxy ? [`outbound_proxy=sip:${hostPort(proxy)}\\;transport=${transport.toLowerCase()}\\;lr`] : [];
}

function hostPort({ host, port }: Server): string {
  return `${word(host)}${port ? `:${port}` : ''}`;
}

function trunkLine(org: string, { trunk, unknownNumber, callerId }: ResolvedTrunk): string {
  const { outbound, inbound, limits } = trunk.spec;
  const values = {
    T_ID: trunkId(org, trunk.metadata.name),
    T_FORMAT: outbound?.numberFormat ?? 'E164',
    T_PREFIX: outbound?.prefix ?? '',
    T_MAX: limits?.concurrentCalls === undefined ? '' : String(limits.concurrentCalls),
    T_CLI: callerId,
    T_DID_FROM: inbound?.didFrom ?? '',
    T_UNKNOWN: unknownNumber,
    T_HOST: hostOf(trunk),
    T_TRANSPORT: trunk.spec.transport === 'TCP' ? 'tcp' : 'udp',
  };
  return `[trunks](+)\n${setAll(trunk.metadata.name, Object.keys(values), Object.values(values))}`;
}

/** Host and port of the first server, for calls while the carrier does not answer OPTIONS. */
function hostOf({ spec }: Trunk): string {
  const [server] = [...spec.servers].sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  if (!server) return '';
  return server.port ? `${server.host}:${server.port}` : server.host;
}

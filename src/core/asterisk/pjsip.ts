import type { Trunk } from '../../api/index.ts';
import type { RenderedUser } from '../judge/users.ts';
import { trunkId } from '../names.ts';
import type { Tenant } from '../tenant.ts';
import { displayName, secretValue, word } from './escape.ts';
import { passwordDigests } from './sip-digest.ts';

/** Text of the pjsip_*.conf files: templates first, then one short section per object. */

const DTMF: Readonly<Record<string, string>> = {
  RFC4733: 'rfc4733',
  Info: 'info',
  Inband: 'inband',
  Auto: 'auto_info',
};
const TIMERS: Readonly<Record<string, string>> = { Never: 'no', Accept: 'yes', Required: 'required' };
const ENCRYPTION: Readonly<Record<string, string>> = { Disable: 'no', Allow: 'sdes', Require: 'sdes' };

export interface TransportFacts {
  readonly port: number;
  readonly advertised?: string;
  readonly localNetworks: readonly string[];
}

export function transports(facts: TransportFacts): string {
  const nat = facts.advertised
    ? [
        `external_media_address=${word(facts.advertised)}`,
        `external_signaling_address=${word(facts.advertised)}`,
        ...facts.localNetworks.map(network => `local_net=${word(network)}`),
      ].join('\n')
    : '';
  const one = (protocol: string): string =>
    `[${protocol}]\ntype=transport\nprotocol=${protocol}\nbind=0.0.0.0:${facts.port}\n${nat}\n`;
  return one('udp') + one('tcp');
}

export function global(tenant: Tenant): string {
  return `[global]
type=global
user_agent=Ringfleet
default_realm=${word(tenant.domain)}
endpoint_identifier_order=username,ip,header
mwi_disable_initial_unsolicited=yes
taskprocessor_overload_trigger=none
keep_alive_interval=30
unidentified_request_count=20
`;
}

export const SYSTEM = '[system]\ntype=system\ntimer_t1=500\n';

export function endpointTemplates(tenant: Tenant): string {
  return `[user](!)
type=endpoint
context=from-user
subscribe_context=hints
disallow=all
allow=g722,alaw,ulaw
allow_transfer=${tenant.features.callTransfer ? 'yes' : 'no'}
direct_media=no
rtp_symmetric=yes
force_rport=yes
rewrite_contact=yes
dtmf_mode=rfc4733
timers=yes
trust_id_inbound=no
trust_id_outbound=no
send_pai=no
send_diversion=no
identify_by=username
mwi_subscribe_replaces_unsolicited=yes
voicemail_extension=*97
rtp_timeout=120
rtp_timeout_hold=3600
tenantid=${word(tenant.name)}
accountcode=${word(tenant.name)}
message_context=nobody
set_var=TRANSFER_CONTEXT=transferred
set_var=FORWARD_CONTEXT=forwarded
[rf-probe]
type=endpoint
context=nobody
allow=!all,ulaw
deny=0.0.0.0/0.0.0.0
permit=127.0.0.1/255.255.255.255
[trunk](!)
type=endpoint
context=from-trunk
disallow=all
allow=alaw,ulaw
allow_transfer=no
direct_media=no
rtp_symmetric=yes
force_rport=yes
rewrite_contact=no
dtmf_mode=rfc4733
timers=yes
trust_id_inbound=yes
trust_id_outbound=yes
send_connected_line=no
send_diversion=no
message_context=nobody
identify_by=ip
rtp_timeout=120
rtp_timeout_hold=3600
tenantid=${word(tenant.name)}
accountcode=${word(tenant.name)}
`;
}

export const AOR_TEMPLATES = `[user](!)
type=aor
max_contacts=5
remove_existing=yes
qualify_frequency=30
qualify_timeout=3
minimum_expiration=60
maximum_expiration=3600
default_expiration=3600
`;

export function userEndpoint(user: RenderedUser): string {
  const { id, sip, label, extension, mailbox } = user;
  const lines = [
    `[${word(id)}](user)`,
    `callerid="${displayName(label)}" <${word(extension)}>`,
    `aors=${id}`,
    `auth=${id}`,
    ...(mailbox ? [`mailboxes=${word(extension)}@default`] : []),
    ...only(sip.codecs.join(',') !== 'g722,alaw,ulaw', `allow=!all,${sip.codecs.map(word).join(',')}`),
    ...only(sip.transport === 'UDP' || sip.transport === 'TCP', `transport=${sip.transport.toLowerCase()}`),
    ...only(!sip.nat.rewriteContact, 'rewrite_contact=no'),
    ...only(!sip.nat.symmetricRtp, 'rtp_symmetric=no'),
    ...only(!sip.nat.forceRport, 'force_rport=no'),
    ...only(sip.nat.directMedia, 'direct_media=yes'),
    ...only(sip.dtmf !== 'RFC4733', `dtmf_mode=${DTMF[sip.dtmf]}`),
    ...only(sip.sessionTimers !== 'Accept', `timers=${TIMERS[sip.sessionTimers]}`),
    ...only(sip.mediaEncryption !== 'Disable', `media_encryption=${ENCRYPTION[sip.mediaEncryption]}`),
    ...only(sip.mediaEncryption === 'Allow', 'media_encryption_optimistic=yes'),
    ...fence(sip.allowedSources),
  ];
  return lines.join('\n');
}

function fence(sources: readonly string[] | undefined): string[] {
  if (!sources) return [];
  return ['deny=0.0.0.0/0', 'deny=::/0', ...sources.map(source => `permit=${word(source)}`)];
}

export function userAor(user: RenderedUser): string {
  const { id, sip } = user;
  const lines = [
    `[${word(id)}](user)`,
    ...(user.mailbox ? [`mailboxes=${word(user.extension)}@default`] : []),
    ...only(sip.maxContacts !== 5, `max_contacts=${sip.maxContacts}`),
    ...only(sip.qualifySeconds !== 30, `qualify_frequency=${sip.qualifySeconds}`),
    ...only(sip.expirySeconds.min !== 60, `minimum_expiration=${sip.expirySeconds.min}`),
    ...only(
      sip.expirySeconds.max !== 3600,
      `maximum_expiration=${sip.expirySeconds.max}\ndefault_expiration=${sip.expirySeconds.max}`,
    ),
  ];
  return lines.join('\n');
}

/** Both digests, so that old phones (MD5) and new ones (SHA-256) register; Asterisk never sees the password. */
export function userAuth(user: RenderedUser, realm: string): string {
  const digests = passwordDigests(user.id, realm, user.password);
  return `[${word(user.id)}]
type=auth
auth_type=digest
username=${word(user.id)}
realm=${word(realm)}
password_digest=SHA-256:${digests.sha256}
password_digest=MD5:${digests.md5}
supported_algorithms_uas=SHA-256,MD5`;
}

export interface TrunkCredentials {
  readonly username: string;
  readonly password: string;
  readonly realm?: string;
}

export interface RenderedTrunk {
  readonly trunk: Trunk;
  readonly credentials?: TrunkCredentials;
  readonly inboundCredentials?: TrunkCredentials;
  /** Destination word for numbers that are not ours. */
  readonly unknownNumber: string;
}

export function trunkEndpoint(org: string, { trunk, credentials, inboundCredentials }: RenderedTrunk): string {
  const id = word(trunkId(org, trunk.metadata.name));
  const { spec } = trunk;
  const identity = spec.identity ?? {};
  return [
    `[${id}](trunk)`,
    `aors=${id}`,
    ...only(credentials !== undefined, `outbound_auth=${id}`),
    ...only(inboundCredentials !== undefined, `auth=${id}-in`),
    ...only(inboundCredentials !== undefined && !trunk.spec.inbound?.sources?.length, 'identify_by=ip,header'),
    `allow=!all,${(spec.codecs ?? ['alaw', 'ulaw']).map(word).join(',')}`,
    `transport=${transportOf(trunk)}`,
    `send_pai=${spec.outbound?.callerIdHeader === 'PAssertedIdentity' || !spec.outbound?.callerIdHeader ? 'yes' : 'no'}`,
    ...only(spec.outbound?.callerIdHeader === 'RemotePartyId', 'send_rpid=yes'),
    ...optional('from_user', identity.fromUser),
    ...optional('from_domain', identity.fromDomain),
    ...optional('contact_user', identity.contactUser || credentials?.username),
    ...(identity.outboundProxy ? [`outbound_proxy=${proxyUri(identity.outboundProxy)}`] : []),
    `dtmf_mode=${DTMF[spec.dtmf ?? 'RFC4733']}`,
    `timers=${TIMERS[spec.sessionTimers ?? 'Accept']}`,
    ...only(spec.mediaEncryption !== undefined && spec.mediaEncryption !== 'Disable', 'media_encryption=sdes'),
    ...only(spec.mediaEncryption === 'Allow', 'media_encryption_optimistic=yes'),
  ].join('\n');
}

export function trunkAor(org: string, trunk: Trunk): string {
  const contacts = serversOf(trunk).map(server => `contact=${serverUri(trunk, server)}`);
  return `[${word(trunkId(org, trunk.metadata.name))}]
type=aor
${contacts.join('\n')}
qualify_frequency=${trunk.spec.health?.optionsSeconds ?? 30}
qualify_timeout=3`;
}

export function trunkAuth(id: string, credentials: TrunkCredentials): string {
  return [
    `[${word(id)}]`,
    'type=auth',
    'auth_type=digest',
    `username=${secretValue(credentials.username)}`,
    `password=${secretValue(credentials.password)}`,
    ...optional('realm', credentials.realm),
  ].join('\n');
}

/** Retries for ever and starts at once: a single bad answer must not stop a trunk for good (features.md T10). */
export function trunkRegistration(org: string, trunk: Trunk, username: string): string {
  const id = word(trunkId(org, trunk.metadata.name));
  const [server] = serversOf(trunk);
  if (!server) return '';
  const uri = serverUri(trunk, server);
  const contactUser = trunk.spec.identity?.contactUser || username;
  const proxy = trunk.spec.identity?.outboundProxy;
  return `[${id}]
type=registration
transport=${transportOf(trunk)}
outbound_auth=${id}
endpoint=${id}
line=yes
server_uri=${uri}
client_uri=sip:${word(username)}@${word(trunk.spec.identity?.fromDomain || server.host)}${server.port ? `:${server.port}` : ''}
contact_user=${word(contactUser)}${proxy ? `\noutbound_proxy=${proxyUri(proxy)}` : ''}
expiration=${trunk.spec.register?.expirySeconds ?? 300}
retry_interval=10
forbidden_retry_interval=30
fatal_retry_interval=30
auth_rejection_permanent=no
max_retries=1000000
max_random_initial_delay=0`;
}

/**
 * Only addresses and networks: a host name would make Asterisk wait for DNS at every load. A carrier that authenticates
 * and whose addresses nobody knows is found by the user name that it answers the challenge with.
 */
export function trunkIdentify(org: string, { trunk, inboundCredentials }: RenderedTrunk): string[] {
  const id = word(trunkId(org, trunk.metadata.name));
  const literal = serversOf(trunk)
    .map(server => server.host)
    .filter(host => /^[0-9.]+$/.test(host));
  const matches = [...new Set([...(trunk.spec.inbound?.sources ?? []), ...literal])].map(word);
  const byAddress = [
    `[${id}]`,
    'type=identify',
    `endpoint=${id}`,
    'srv_lookups=no',
    ...matches.map(match => `match=${match}`),
  ];
  const byName = inboundCredentials && !trunk.spec.inbound?.sources?.length ? authorizationOf(inboundCredentials) : '';
  return [
    ...(matches.length > 0 ? [byAddress.join('\n')] : []),
    ...(byName ? [`[${id}-in]\ntype=identify\nendpoint=${id}\nmatch_header=Authorization: ${byName}`] : []),
  ];
}

function authorizationOf({ username }: TrunkCredentials): string {
  return `/username="${word(username).replace(/[.+]/g, '[$&]')}"/`;
}

function serversOf(
  trunk: Trunk,
): readonly { name: string; host: string; port?: number | undefined; priority?: number | undefined }[] {
  return [...trunk.spec.servers].sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
}

function serverUri(trunk: Trunk, server: { host: string; port?: number | undefined }): string {
  const port = server.port ? `:${server.port}` : '';
  return `sip:${word(server.host)}${port}\\;transport=${transportOf(trunk)}`;
}

function transportOf(trunk: Trunk): string {
  return trunk.spec.transport === 'TCP' ? 'tcp' : 'udp';
}

function proxyUri(proxy: string): string {
  return /^sips?:/.test(proxy) ? `${word(proxy.split(';')[0] ?? '')}\\;lr` : `sip:${word(proxy)}\\;lr`;
}

function only(condition: boolean, line: string): string[] {
  return condition ? [line] : [];
}

function optional(option: string, value: string | undefined): string[] {
  return value ? [`${option}=${word(value)}`] : [];
}

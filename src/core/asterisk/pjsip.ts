import type { Tenant } from '../tenant.ts';
import { word } from './escape.ts';
import { SESSION_SECONDS } from './pjsip-words.ts';

/** Text of the pjsip_*.conf files: templates, and what belongs to no single object. */

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

/**
 * Names are asked before addresses, so that a phone behind the address of a trunk is itself; headers before both, for
 * REFUSED_REQUESTS. A name that nobody has is challenged with the same algorithms, so with the same bytes, as any other.
 */
export function global(tenant: Tenant): string {
  return `[global]
type=global
user_agent=Ringfleet
default_realm=${word(tenant.domain)}
default_auth_algorithms_uas=SHA-256,MD5
endpoint_identifier_order=header,username,ip
mwi_disable_initial_unsolicited=yes
taskprocessor_overload_trigger=none
keep_alive_interval=30
unidentified_request_count=20
`;
}

/**
 * What a Record-Route begins with that is no SIP URI. Asterisk 22 dies of a request with one that names a phone in From:
 * res_pjsip_nat writes an address into that URI before anybody is asked for credentials (measured; `rewrite_contact`).
 */
const NO_SIP = '([^<]|<([^sS]|[sS][^iI]|[sS][iI][^pP]|[sS][iI][pP][^:sS]|[sS][iI][pP][sS][^:]))';

/**
 * An INVITE with Replaces takes over somebody's call, past dialplan and limits, whoever sends it, and no option of an
 * endpoint forbids it. Such a request is taken to be of an endpoint that is allowed from nowhere, so that it is challenged
 * like that of an unknown caller, and no answer is accepted. Transfers by users do not need it: Asterisk carries out their REFER.
 */
export const REFUSED_REQUESTS = `[rf-refused]
type=identify
endpoint=rf-refused
match_header=Replaces: /./
[rf-refused-route]
type=identify
endpoint=rf-refused
match_header=Record-Route: /^${NO_SIP}/
`;

export const SYSTEM = '[system]\ntype=system\ntimer_t1=500\n';

/**
 * A carrier is not asked but by its own wish, since some refuse a re-INVITE: its silence ends a call, after minutes. What
 * we have nothing to say to is kept awake by a packet of comfort noise, so that no NAT and no carrier takes us for dead.
 */
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
sdp_session=Ringfleet
timers=always
timers_sess_expires=${SESSION_SECONDS}
trust_id_inbound=no
trust_id_outbound=no
send_pai=no
send_diversion=no
identify_by=username
mwi_subscribe_replaces_unsolicited=yes
voicemail_extension=*97
rtp_keepalive=15
tenantid=${word(tenant.name)}
accountcode=${word(tenant.name)}
message_context=nobody
set_var=FORWARD_CONTEXT=forwarded
[rf-probe]
type=endpoint
context=nobody
allow=!all,ulaw
deny=0.0.0.0/0.0.0.0
permit=127.0.0.1/255.255.255.255
[rf-refused]
type=endpoint
context=nobody
allow=!all,ulaw
deny=0.0.0.0/0.0.0.0
deny=::/0
[trunk](!)
type=endpoint
allow_subscribe=no
context=from-trunk
disallow=all
allow=alaw,ulaw
allow_transfer=no
direct_media=no
rtp_symmetric=yes
force_rport=yes
rewrite_contact=no
dtmf_mode=rfc4733
sdp_session=Ringfleet
timers=yes
timers_sess_expires=${SESSION_SECONDS}
trust_id_inbound=yes
trust_id_outbound=yes
send_connected_line=no
send_diversion=no
message_context=nobody
identify_by=ip
rtp_keepalive=15
rtp_timeout=${SESSION_SECONDS}
rtp_timeout_hold=3600
tenantid=${word(tenant.name)}
accountcode=${word(tenant.name)}
`;
}

export const AOR_TEMPLATES = `[user](!)
type=aor
max_contacts=5
remove_existing=yes
remove_unavailable=yes
qualify_frequency=30
qualify_timeout=3
minimum_expiration=60
maximum_expiration=3600
default_expiration=3600
`;

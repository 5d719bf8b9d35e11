import type { Contact, TrunkReport } from '../../api/report.ts';
import { type AmiClient, AmiError, type AmiMessage } from './client.ts';
import { plain } from './plain.ts';

/** Typed queries of the live PBX. Values that callers and phones choose pass through allow-lists. */

export interface LiveContact {
  readonly aor: string;
  readonly contact: Omit<Contact, 'since'>;
}

export async function contacts(client: AmiClient): Promise<LiveContact[]> {
  const rows = await client.list('PJSIPShowRegistrationInboundContactStatuses');
  return rows.filter(row => row['AOR']).map(row => ({ aor: row['AOR'] ?? '', contact: contactOf(row) }));
}

const LONGEST_URI = 512;
const LONGEST_AGENT = 256;
const TRANSPORTS = ['UDP', 'TCP', 'TLS', 'WS', 'WSS'];

function contactOf(row: AmiMessage): Omit<Contact, 'since'> {
  const uri = plain(row['URI'] ?? '', LONGEST_URI);
  return {
    uri,
    userAgent: plain(row['UserAgent'] ?? '', LONGEST_AGENT),
    source: addressOf(row['ViaAddress'] ?? '') || addressOf(/@([^;>?]+)/.exec(uri)?.[1] ?? ''),
    transport: transportOf(uri),
    state: stateOf(row['Status'] ?? ''),
  };
}

/** `address:port`; empty when it is anything else. */
function addressOf(text: string): string {
  return /^(?:[0-9A-Za-z.-]{1,253}|\[?[0-9A-Fa-f:.]{2,45}\]?)(?::\d{1,5})?$/.test(text) ? text : '';
}

/** The transport of a URI (RFC 3261 §19.1.1): UDP if the parameter is missing or unknown, and TLS for sips. */
function transportOf(uri: string): string {
  const word = (/^[^@]*@[^;]*.*?;transport=([a-z]+)/i.exec(uri)?.[1] ?? '').toUpperCase();
  return TRANSPORTS.includes(word) ? word : /^sips:/i.test(uri) ? 'TLS' : 'UDP';
}

function stateOf(status: string): Contact['state'] {
  if (/^(Reachable|Avail|Created)/i.test(status)) return /^Created/i.test(status) ? 'Unknown' : 'Reachable';
  return /^(Unreachable|Unavail|Removed)/i.test(status) ? 'Unreachable' : 'Unknown';
}

const REGISTRATION_STATES: readonly TrunkReport['registration'][] = [
  'Registered',
  'Unregistered',
  'Rejected',
  'Stopped',
];

export interface OutboundRegistration {
  readonly state: TrunkReport['registration'];
  /** Asterisk's log identifies the registration by these two. */
  readonly serverUri: string;
  readonly clientUri: string;
}

/** The registrations by id, which is the endpoint id of the trunk. */
export async function outboundRegistrations(client: AmiClient): Promise<Map<string, OutboundRegistration>> {
  const all = await client.list('PJSIPShowRegistrationsOutbound');
  const rows = all.filter(row => row['Event'] === 'OutboundRegistrationDetail'); // the others are of its credentials
  return new Map(
    rows.map(row => {
      const state = REGISTRATION_STATES.find(one => one === row['Status']) ?? 'Unknown';
      const { ObjectName = '', ServerUri: serverUri = '', ClientUri: clientUri = '' } = row;
      return [ObjectName, { state, serverUri, clientUri }] as const;
    }),
  );
}

/** Whether the static contacts of these endpoints answer OPTIONS, by endpoint id. A trunk has its carrier as static contact. */
export async function staticContacts(
  client: AmiClient,
  ids: readonly string[],
): Promise<Map<string, TrunkReport['reachable']>> {
  const states = new Map<string, TrunkReport['reachable']>();
  for (const id of ids) {
    const rows = await client.list('PJSIPShowEndpoint', { Endpoint: id }).catch((error: unknown) => {
      if (error instanceof AmiError && /Unable to retrieve/i.test(error.message)) return []; // the endpoint is being loaded
      throw error;
    });
    for (const { Event, Status = '' } of rows) {
      if (Event === 'ContactStatusDetail' && states.get(id) !== 'Reachable') states.set(id, stateOf(Status));
    }
  }
  return states;
}

/** Names of all channels. A row begins with the name, so what a caller writes into later headers does not matter. */
export async function channels(client: AmiClient): Promise<string[]> {
  const rows = await client.list('CoreShowChannels');
  return rows.map(row => row['Channel'] ?? '');
}

/** How many requests are sent before the first answer is awaited: a round trip takes longer than an answer. */
const AT_ONCE = 50;

/**
 * Number of calls that the channels belong to. Each channel is asked for its linked id, because in the list of channels the
 * caller's number, which the caller chooses, comes before the linked id.
 */
export async function countCalls(client: AmiClient, names: readonly string[]): Promise<number> {
  const calls = new Set<string>();
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    for (const id of await Promise.all(some.map(name => linkedId(client, name)))) if (id) calls.add(id);
  }
  return calls.size;
}

/** Undefined: the channel ended meanwhile. */
async function linkedId(client: AmiClient, channel: string): Promise<string | undefined> {
  const asked = client.action('Getvar', { Channel: channel, Variable: 'CHANNEL(linkedid)' });
  return asked.then(
    answer => answer['Value'],
    (error: unknown) => {
      if (error instanceof AmiError && /No such channel/i.test(error.message)) return undefined;
      throw error;
    },
  );
}

export interface Bridge {
  readonly id: string;
  readonly channels: readonly string[];
}

/** All bridges with their channels. */
export async function bridges(client: AmiClient): Promise<Bridge[]> {
  const found: Bridge[] = [];
  for (const { BridgeUniqueid: id = '' } of await client.list('BridgeList')) {
    const rows = await client.list('BridgeInfo', { BridgeUniqueid: id }).catch((error: unknown) => {
      if (error instanceof AmiError && /not found|No such/i.test(error.message)) return []; // the bridge ended meanwhile
      throw error;
    });
    found.push({ id, channels: rows.map(row => row['Channel'] ?? '') });
  }
  return found;
}

/** Number of subscriptions to extensions by endpoint. */
export async function watched(client: AmiClient): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { Endpoint = '' } of await client.list('PJSIPShowSubscriptionsInbound'))
    counts.set(Endpoint, (counts.get(Endpoint) ?? 0) + 1);
  return counts;
}

/** The version of the engine that Asterisk has loaded; undefined: the engine is from before there were versions. */
export async function engineVersion(client: AmiClient): Promise<number | undefined> {
  const { Value = '' } = await client.action('Getvar', { Variable: 'RF_ENGINE' });
  return /^[0-9]{1,6}$/.test(Value) ? Number(Value) : undefined;
}

/** When the Asterisk process started, as Asterisk prints it. Another value means another process. */
export async function startedAt(client: AmiClient): Promise<string> {
  const status = await client.action('CoreStatus');
  return `${status['CoreStartupDate'] ?? ''} ${status['CoreStartupTime'] ?? ''}`;
}

export async function mailboxes(client: AmiClient): Promise<Record<string, { new: number; old: number }>> {
  const rows = await client.list('VoicemailUsersList');
  return Object.fromEntries(
    rows.map(row => [
      row['VoiceMailbox'] ?? '',
      { new: Number(row['NewMessageCount'] ?? 0), old: Number(row['OldMessageCount'] ?? 0) },
    ]),
  );
}

/** The value of a key in AstDB; undefined: there is none. */
export async function storedValue(client: AmiClient, family: string, key: string): Promise<string | undefined> {
  const [row] = await client.list('DBGet', { Family: family, Key: key }); // an error means that there is no such key
  return row?.['Val'];
}

import type { Contact, TrunkReport } from '../../api/report.ts';
import { type AmiClient, AmiError, type AmiMessage } from './client.ts';
import { plain } from './plain.ts';

/** Questions to the live PBX, typed. Of what callers and phones write only what an allow-list knows goes on. */

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

/** RFC 3261 §19.1.1: without a word, or with one that nobody knows, UDP; of sips: TLS. */
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
  /** By these two its log names it. */
  readonly serverUri: string;
  readonly clientUri: string;
}

/** By registration id, which is the trunk's endpoint id. */
export async function outboundRegistrations(client: AmiClient): Promise<Map<string, OutboundRegistration>> {
  const all = await client.list('PJSIPShowRegistrationsOutbound');
  const rows = all.filter(row => row['Event'] === 'OutboundRegistrationDetail'); // its auth is a row too
  return new Map(
    rows.map(row => {
      const state = REGISTRATION_STATES.find(one => one === row['Status']) ?? 'Unknown';
      const { ObjectName = '', ServerUri: serverUri = '', ClientUri: clientUri = '' } = row;
      return [ObjectName, { state, serverUri, clientUri }] as const;
    }),
  );
}

/** Whether the static contacts of endpoints answer OPTIONS: the carrier's side of a trunk. By endpoint, of these alone. */
export async function staticContacts(
  client: AmiClient,
  ids: readonly string[],
): Promise<Map<string, TrunkReport['reachable']>> {
  const states = new Map<string, TrunkReport['reachable']>();
  for (const id of ids) {
    const rows = await client.list('PJSIPShowEndpoint', { Endpoint: id }).catch((error: unknown) => {
      if (error instanceof AmiError && /Unable to retrieve/i.test(error.message)) return []; // it is being loaded
      throw error;
    });
    for (const { Event, Status = '' } of rows) {
      if (Event === 'ContactStatusDetail' && states.get(id) !== 'Reachable') states.set(id, stateOf(Status));
    }
  }
  return states;
}

/** Names of all channels. A row begins with its name, whatever the caller put behind it. */
export async function channels(client: AmiClient): Promise<string[]> {
  const rows = await client.list('CoreShowChannels');
  return rows.map(row => row['Channel'] ?? '');
}

/** How many are asked at a time: an answer takes a tenth of a millisecond, a round trip more. */
const AT_ONCE = 50;

/**
 * How many calls the channels are parts of. Each channel is asked: in its row of a list stands its caller's number
 * before it, and in that what the caller likes.
 */
export async function countCalls(client: AmiClient, names: readonly string[]): Promise<number> {
  const calls = new Set<string>();
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    for (const id of await Promise.all(some.map(name => linkedId(client, name)))) if (id) calls.add(id);
  }
  return calls.size;
}

/** Undefined: it ended meanwhile. */
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

/** Who talks to whom. */
export async function bridges(client: AmiClient): Promise<Bridge[]> {
  const found: Bridge[] = [];
  for (const { BridgeUniqueid: id = '' } of await client.list('BridgeList')) {
    const rows = await client.list('BridgeInfo', { BridgeUniqueid: id }).catch((error: unknown) => {
      if (error instanceof AmiError && /not found|No such/i.test(error.message)) return []; // it ended meanwhile
      throw error;
    });
    found.push({ id, channels: rows.map(row => row['Channel'] ?? '') });
  }
  return found;
}

/** How many extensions each endpoint watches, a thing watched twice counted twice. */
export async function watched(client: AmiClient): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { Endpoint = '' } of await client.list('PJSIPShowSubscriptionsInbound'))
    counts.set(Endpoint, (counts.get(Endpoint) ?? 0) + 1);
  return counts;
}

/** The version of the engine that Asterisk has loaded; undefined: it has none that says so. */
export async function engineVersion(client: AmiClient): Promise<number | undefined> {
  const { Value = '' } = await client.action('Getvar', { Variable: 'RF_ENGINE' });
  return /^[0-9]{1,6}$/.test(Value) ? Number(Value) : undefined;
}

/** When this Asterisk process started, in its own words: another answer is another process. */
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

/** What stands in Asterisk's own database under a key; undefined: there is no such key. */
export async function storedValue(client: AmiClient, family: string, key: string): Promise<string | undefined> {
  const [row] = await client.list('DBGet', { Family: family, Key: key }); // an error says that there is none
  return row?.['Val'];
}

import type { Contact, TrunkReport } from '../../api/report.ts';
import type { AmiClient, AmiMessage } from './client.ts';

/** Questions to the live PBX, typed. */

/** What is loaded, by type as in `sections.ts`. */
export async function loadedIds(client: AmiClient): Promise<Map<string, Set<string>>> {
  const [endpoints, auths, aors, registrations, mailboxes, identifies] = [
    await client.list('PJSIPShowEndpoints'),
    await client.list('PJSIPShowAuths'),
    await client.list('PJSIPShowAors'),
    await client.list('PJSIPShowRegistrationsOutbound'),
    await client.list('VoicemailUsersList'),
    await client.command('pjsip show identifies'),
  ];
  const of = (messages: readonly AmiMessage[], header: string): Set<string> =>
    new Set(messages.map(message => message[header] ?? ''));
  return new Map([
    ['endpoint', of(endpoints, 'ObjectName')],
    ['auth', of(auths, 'ObjectName')],
    ['aor', of(aors, 'ObjectName')],
    ['registration', of(registrations, 'ObjectName')],
    ['mailbox', of(mailboxes, 'VoiceMailbox')],
    ['identify', new Set([...identifies.matchAll(/Identify:\s+([^/\s]+)/g)].map(match => match[1] ?? ''))],
  ]);
}

export interface LiveContact {
  readonly aor: string;
  readonly contact: Omit<Contact, 'since'>;
}

export async function contacts(client: AmiClient): Promise<LiveContact[]> {
  const rows = await client.list('PJSIPShowRegistrationInboundContactStatuses');
  return rows.filter(row => row['AOR']).map(row => ({ aor: row['AOR'] ?? '', contact: contactOf(row) }));
}

function contactOf(row: AmiMessage): Omit<Contact, 'since'> {
  const uri = row['URI'] ?? '';
  return {
    uri,
    userAgent: (row['UserAgent'] ?? '').slice(0, 256),
    source: row['ViaAddress'] || (/@([^;>]+)/.exec(uri)?.[1] ?? ''),
    transport: (/;transport=(\w+)/i.exec(uri)?.[1] ?? 'udp').toUpperCase(),
    state: stateOf(row['Status'] ?? ''),
  };
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
  /** By which events name it. */
  readonly clientUri: string;
}

/** By registration id, which is the trunk's endpoint id. */
export async function outboundRegistrations(client: AmiClient): Promise<Map<string, OutboundRegistration>> {
  const all = await client.list('PJSIPShowRegistrationsOutbound');
  const rows = all.filter(row => row['Event'] === 'OutboundRegistrationDetail'); // its auth is a row too
  return new Map(
    rows.map(row => {
      const state = REGISTRATION_STATES.find(one => one === row['Status']) ?? 'Unknown';
      return [row['ObjectName'] ?? '', { state, clientUri: row['ClientUri'] ?? '' }] as const;
    }),
  );
}

/** Whether the static contacts of AORs answer OPTIONS: the carrier's side of a trunk. By AOR. */
export async function staticContacts(client: AmiClient): Promise<Map<string, TrunkReport['reachable']>> {
  const output = await client.command('pjsip show contacts');
  const states = new Map<string, TrunkReport['reachable']>();
  for (const match of output.matchAll(/Contact:\s+([^/\s]+)\/\S+\s+\S+\s+(Avail|Unavail|NonQual|Unknown|Created)/g)) {
    const [, aor = '', state = ''] = match;
    const reachable = state === 'Avail' ? 'Reachable' : state === 'Unavail' ? 'Unreachable' : 'Unknown';
    if (states.get(aor) !== 'Reachable') states.set(aor, reachable);
  }
  return states;
}

export interface LiveChannel {
  readonly name: string;
  readonly linkedId: string;
}

export async function channels(client: AmiClient): Promise<LiveChannel[]> {
  const rows = await client.list('CoreShowChannels');
  return rows.map(row => ({ name: row['Channel'] ?? '', linkedId: row['Linkedid'] ?? '' }));
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

import { readFile } from 'node:fs/promises';
import type { AgentReport, Contact, TrunkReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { AmiClient, AmiMessage } from '../ami/client.ts';
import {
  channels,
  contacts,
  countCalls,
  engineVersion,
  mailboxes,
  type OutboundRegistration,
  outboundRegistrations,
  staticContacts,
} from '../ami/queries.ts';
import type { LogLevels } from '../asterisk/log-levels.ts';
import { recount } from './recount.ts';
import { type RegistrationFailure, registrationFailures, registrationKey } from './registration-log.ts';
import { openConnections, Steps } from './tcp-connections.ts';

/**
 * What is true of the live PBX, asked anew after events that may have changed it, and now and then in case one was
 * missed. A registration that is only refreshed looks the same and is therefore no change.
 */
export type Observation = Pick<
  AgentReport,
  'contacts' | 'trunks' | 'calls' | 'channels' | 'mailboxes' | 'tcpConnections' | 'engine'
>;

export const NOTHING: Observation = { contacts: {}, trunks: {}, calls: 0, channels: 0, mailboxes: {} };

export class Observer {
  readonly #clock: Clock;
  readonly #readLog: () => Promise<string>;
  readonly #logLevels: Pick<LogLevels, 'looked'>;
  readonly #since = new Map<string, string>();
  /** By `registrationKey`, of trunks that are not registered: the log goes on, and the line that says why is soon far back. */
  readonly #failures = new Map<string, RegistrationFailure>();
  readonly #steps = new Steps();
  /** Of a connection, which ends with its Asterisk: an engine stays for as long as that runs. */
  readonly #engines = new WeakMap<AmiClient, number>();
  /** Somebody was transferred since the last look. */
  #transferred = false;

  /** `readLog` brings the end of Asterisk's log; `logLevels` hears when what stands there is to be read. */
  constructor(clock: Clock, readLog: () => Promise<string>, logLevels: Pick<LogLevels, 'looked'>) {
    this.#clock = clock;
    this.#readLog = readLog;
    this.#logLevels = logLevels;
  }

  /** Keeps what only events tell: that somebody was transferred. */
  note(event: AmiMessage): void {
    if (event['Event'] === 'AttendedTransfer') this.#transferred = true;
  }

  async observe(client: AmiClient, trunkIds: readonly string[], sipPort?: number): Promise<Observation> {
    if (this.#transferred) {
      this.#transferred = false;
      await recount(client);
    }
    const live = await contacts(client);
    const names = await channels(client);
    const trunks = await this.#trunks(client, trunkIds);
    const refused = Object.values(trunks).some(({ registration }) => isRefused(registration));
    await this.#logLevels.looked(client, refused);
    const tcpConnections = sipPort === undefined ? undefined : await this.#connections(sipPort);
    return {
      contacts: this.#contacts(live.filter(({ aor }) => !trunkIds.includes(aor))),
      trunks,
      calls: await countCalls(client, names),
      channels: names.length,
      mailboxes: await mailboxes(client),
      ...(tcpConnections === undefined ? {} : { tcpConnections }),
      ...(await this.#engine(client)),
    };
  }

  async #engine(client: AmiClient): Promise<Pick<AgentReport, 'engine'>> {
    const version = this.#engines.get(client) ?? (await engineVersion(client));
    if (version === undefined) return {};
    this.#engines.set(client, version);
    return { engine: { version } };
  }

  async #connections(port: number): Promise<number | undefined> {
    const table = await readFile('/proc/net/tcp', 'utf8').catch(() => ''); // elsewhere than on Linux there is none
    return this.#steps.of(openConnections(table, port));
  }

  #contacts(live: readonly { aor: string; contact: Omit<Contact, 'since'> }[]): Record<string, Contact[]> {
    const seen = new Set<string>();
    const byAor: Record<string, Contact[]> = {};
    for (const { aor, contact } of live) {
      const key = `${aor} ${contact.uri}`;
      seen.add(key);
      const since = this.#since.get(key) ?? `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
      this.#since.set(key, since);
      byAor[aor] = [...(byAor[aor] ?? []), { ...contact, since }].sort((a, b) => (a.uri < b.uri ? -1 : 1));
    }
    for (const key of this.#since.keys()) if (!seen.has(key)) this.#since.delete(key);
    return Object.fromEntries(Object.entries(byAor).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async #trunks(client: AmiClient, trunkIds: readonly string[]): Promise<Record<string, TrunkReport>> {
    if (trunkIds.length === 0) return {};
    const registrations = await outboundRegistrations(client);
    const reachable = await staticContacts(client, trunkIds);
    await this.#noteFailures([...registrations.values()]);
    const entries = trunkIds.map(id => {
      const row = registrations.get(id);
      const told = trunkReport(row?.state ?? 'Unknown', row && this.#failures.get(keyOf(row)));
      return [id, { ...told, reachable: reachable.get(id) ?? 'Unknown' }] as const;
    });
    return Object.fromEntries(entries);
  }

  async #noteFailures(registrations: readonly OutboundRegistration[]): Promise<void> {
    const failing = new Set(registrations.filter(({ state }) => state !== 'Registered').map(keyOf));
    for (const key of this.#failures.keys()) if (!failing.has(key)) this.#failures.delete(key);
    if (failing.size === 0) return;
    for (const [key, failure] of registrationFailures(await this.#readLog()))
      if (failing.has(key)) this.#failures.set(key, failure);
  }
}

function keyOf({ serverUri, clientUri }: OutboundRegistration): string {
  return registrationKey(serverUri, clientUri);
}

function isRefused(registration: TrunkReport['registration']): boolean {
  return registration !== 'Registered' && registration !== 'Unknown';
}

/** Asterisk calls it rejected, too, when nobody answered. */
function trunkReport(
  registration: TrunkReport['registration'],
  failure: RegistrationFailure | undefined,
): Omit<TrunkReport, 'reachable'> {
  if (registration === 'Registered') return { registration, lastCode: 200, lastText: 'OK' };
  if (!failure || registration === 'Unknown') return { registration };
  const unanswered = registration === 'Rejected' && failure.code === 408;
  return { registration: unanswered ? 'Unregistered' : registration, lastCode: failure.code, lastText: failure.text };
}

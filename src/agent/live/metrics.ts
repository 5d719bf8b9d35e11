import { Counter, Gauge, Registry } from 'prom-client';
import type { AgentReport } from '../../api/report.ts';
import type { MemoryFigure, Wanted } from './memory-marks.ts';
import { isPlainContact } from './plain-contact.ts';

/** The agent's metrics; labels come from fixed sets only. */
const REFUSALS: Readonly<Record<string, string>> = {
  ChallengeResponseFailed: 'wrong_password',
  InvalidPassword: 'wrong_password',
  InvalidAccountID: 'unknown_account',
  FailedACL: 'source',
  RequestNotAllowed: 'not_allowed',
};

export class Metrics {
  readonly registry = new Registry();
  readonly #refusals = new Counter({
    name: 'ringfleet_sip_authentication_failures_total',
    help: 'SIP requests whose credentials were refused',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  readonly #applied = new Counter({
    name: 'ringfleet_bundle_applied_total',
    help: 'Bundles brought into Asterisk',
    labelNames: ['result'],
    registers: [this.registry],
  });
  readonly #trims = new Counter({
    name: 'ringfleet_memory_trims_total',
    help: 'How often Asterisk was told to give back memory',
    registers: [this.registry],
  });
  readonly #refusing = new Gauge({
    name: 'ringfleet_memory_refusing',
    help: 'Whether new calls, and new subscriptions to lamps, are refused for want of memory',
    labelNames: ['what'],
    registers: [this.registry],
  });
  readonly #gauges = {
    calls: this.#gauge('ringfleet_calls', 'Calls now'),
    channels: this.#gauge('ringfleet_channels', 'Channels now'),
    connections: this.#gauge('ringfleet_tcp_connections', 'TCP connections open to the SIP port, in steps of 50'),
    contacts: this.#gauge('ringfleet_contacts', 'Registered contacts'),
    leftOut: this.#gauge(
      'ringfleet_contacts_left_out',
      'Registered contacts that are not called: their URI is none of a phone',
    ),
    quarantined: this.#gauge('ringfleet_quarantined_objects', 'Objects that Asterisk refused'),
    banned: this.#gauge('ringfleet_banned_sources', 'Addresses that are refused for a while: they guessed passwords'),
    memory: this.#gauge('ringfleet_asterisk_memory_bytes', 'Memory of Asterisk that is of no file; 0: not known'),
    memoryLimit: this.#gauge('ringfleet_asterisk_memory_limit_bytes', 'What it may be at most; 0: no limit is known'),
    ready: this.#gauge('ringfleet_ready', 'Whether Asterisk answers SIP'),
  };

  constructor() {
    for (const reason of new Set(Object.values(REFUSALS))) this.#refusals.inc({ reason }, 0);
    for (const result of ['loaded', 'reverted']) this.#applied.inc({ result }, 0);
  }

  /** Counts a refused request by the name of Asterisk's event. */
  refused(event: string): void {
    const reason = Object.hasOwn(REFUSALS, event) ? REFUSALS[event] : undefined;
    if (reason) this.#refusals.inc({ reason });
  }

  banned(sources: number): void {
    this.#gauges.banned.set(sources);
  }

  memory(figure: MemoryFigure | undefined): void {
    this.#gauges.memory.set(figure?.used ?? 0);
    this.#gauges.memoryLimit.set(figure?.limit ?? 0);
  }

  trimmed(): void {
    this.#trims.inc();
  }

  refusing({ refuseCalls, refuseLamps }: Wanted): void {
    this.#refusing.set({ what: 'calls' }, refuseCalls ? 1 : 0);
    this.#refusing.set({ what: 'lamps' }, refuseLamps ? 1 : 0);
  }

  applied(result: 'loaded' | 'reverted'): void {
    this.#applied.inc({ result });
  }

  show(report: AgentReport): void {
    this.#gauges.calls.set(report.calls);
    this.#gauges.channels.set(report.channels);
    this.#gauges.connections.set(report.tcpConnections ?? 0);
    const contacts = Object.values(report.contacts).flat();
    this.#gauges.contacts.set(contacts.length);
    this.#gauges.leftOut.set(contacts.filter(({ uri }) => !isPlainContact(uri)).length);
    this.#gauges.quarantined.set(report.quarantined.length);
    this.#gauges.ready.set(report.ready ? 1 : 0);
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.registry] });
  }
}

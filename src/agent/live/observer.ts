import type { AgentReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { AmiClient, AmiMessage } from '../ami/client.ts';
import type { LogLevels } from '../asterisk/log-levels.ts';
import { CallsProbe } from './calls.ts';
import { ContactsProbe } from './contacts.ts';
import { EngineProbe } from './engine.ts';
import { MailboxesProbe } from './mailboxes.ts';
import type { Subject } from './probe.ts';
import { TcpConnectionsProbe } from './tcp-connections.ts';
import { TrunksProbe } from './trunks.ts';

/** The sections of the report about the live PBX, for which probes ask Asterisk one after the other. */
export type Observation = Pick<
  AgentReport,
  'contacts' | 'trunks' | 'calls' | 'channels' | 'mailboxes' | 'tcpConnections' | 'engine'
>;

export const NOTHING: Observation = { contacts: {}, trunks: {}, calls: 0, channels: 0, mailboxes: {} };

export class Observer {
  readonly #contacts: ContactsProbe;
  readonly #calls = new CallsProbe();
  readonly #trunks: TrunksProbe;
  readonly #mailboxes = new MailboxesProbe();
  readonly #connections = new TcpConnectionsProbe();
  readonly #engine = new EngineProbe();

  /** `readLog` brings the end of Asterisk's log; `logLevels` learns when what stands there is to be read. */
  constructor(clock: Clock, readLog: () => Promise<string>, logLevels: Pick<LogLevels, 'looked'>) {
    this.#contacts = new ContactsProbe(clock);
    this.#trunks = new TrunksProbe(readLog, logLevels);
  }

  /** Takes in an event of Asterisk. Most have no information that the probes do not ask for anyway. */
  note(event: AmiMessage): void {
    this.#calls.note(event);
  }

  /** Rejects when Asterisk does not answer one of them. */
  async observe(client: AmiClient, subject: Subject): Promise<Observation> {
    return {
      ...(await this.#contacts.look(client, subject)),
      ...(await this.#calls.look(client)),
      ...(await this.#trunks.look(client, subject)),
      ...(await this.#mailboxes.look(client)),
      ...(await this.#connections.look(client, subject)),
      ...(await this.#engine.look(client)),
    };
  }
}

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';
import { AmiError, type AmiMessage, type AmiWire, type Dial, dial } from './wire.ts';

export { AmiError, type AmiMessage, NotListeningError } from './wire.ts';

/**
 * A small client of the Asterisk Manager Interface. One connection; every action has a deadline; an event list is
 * gathered by its action id.
 *
 * Asterisk escapes no line break in what it prints of a call: a caller's number, the extension that was called and an
 * account's name may bring forth headers and whole messages (measured: Asterisk 22). So of a repeated header the first
 * counts, which in a list's row are `Event`, `ActionID` and what the row is about; a row without the action's id, which
 * nobody else can know, is none; and a list ends by its own event only, and only when as many rows came as that says.
 */
export interface AmiAddress {
  readonly port: number;
  readonly username: string;
  readonly secret: string;
}

interface Pending {
  readonly list: boolean;
  readonly events: AmiMessage[];
  resolve(messages: AmiMessage[]): void;
  reject(error: Error): void;
}

/** More than this in one list means that something is wrong, not that a tenant is large. */
const MOST_ROWS = 100_000;

export class AmiClient {
  readonly #wire: AmiWire;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Set<(event: AmiMessage) => void>();
  #closed = false;
  readonly closed: Promise<void>;

  private constructor(wire: AmiWire, clock: Clock) {
    this.#wire = wire;
    this.#clock = clock;
    this.closed = wire.closed.then(why => this.#close(why));
    wire.onMessage(message => this.#dispatch(message));
  }

  /** Connects and logs in; rejects when nobody listens there or the secret is refused. */
  static async connect(address: AmiAddress, clock: Clock, by: Dial = dial): Promise<AmiClient> {
    const client = new AmiClient(await by(address.port, clock), clock);
    try {
      await client.action('Login', { Username: address.username, Secret: address.secret, Events: 'on' });
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  get open(): boolean {
    return !this.#closed;
  }

  onEvent(listener: (event: AmiMessage) => void): void {
    this.#listeners.add(listener);
  }

  /** One action, one answer; rejects with Asterisk's message when it says Error. */
  async action(action: string, fields: Record<string, string> = {}, deadlineMs = 10_000): Promise<AmiMessage> {
    const [answer] = await this.#send(action, fields, false, deadlineMs);
    return answer ?? {};
  }

  /** An action that answers with a list of events. */
  async list(action: string, fields: Record<string, string> = {}, deadlineMs = 20_000): Promise<AmiMessage[]> {
    return this.#send(action, fields, true, deadlineMs);
  }

  /** Output lines of a CLI command. */
  async command(command: string, deadlineMs = 20_000): Promise<string> {
    return (await this.action('Command', { Command: command }, deadlineMs))['Output'] ?? '';
  }

  close(): void {
    this.#wire.close();
  }

  async #send(
    action: string,
    fields: Record<string, string>,
    list: boolean,
    deadlineMs: number,
  ): Promise<AmiMessage[]> {
    if (this.#closed) throw new AmiError('The manager connection is closed');
    const id = randomUUID();
    const deadline = new AbortController();
    const answer = new Promise<AmiMessage[]>((resolve, reject) => {
      this.#pending.set(id, { list, events: [], resolve, reject });
    });
    this.#wire.send({ Action: action, ActionID: id, ...fields });
    const late = this.#clock.sleep(deadlineMs, deadline.signal).then(() => {
      throw new AmiError(`Asterisk did not answer ${action} within ${deadlineMs} ms`);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      this.#pending.delete(id);
      deadline.abort();
      late.catch(() => undefined); // the abort of a deadline that was not needed
      answer.catch(() => undefined); // a late answer has nobody to go to
    }
  }

  #dispatch(message: AmiMessage): void {
    const pending = this.#pending.get(message['ActionID'] ?? '');
    if (pending && (pending.list || isResponse(message))) {
      answerPending(pending, message);
      return;
    }
    if (!message['Event'] || message['Event'] === 'TestEvent') return;
    for (const listener of this.#listeners) listener(message);
  }

  #close(why: AmiError): void {
    this.#closed = true;
    for (const pending of this.#pending.values()) pending.reject(why);
    this.#pending.clear();
  }
}

function answerPending(pending: Pending, message: AmiMessage): void {
  if (isResponse(message) && message['Response'] === 'Error') {
    // An empty list is answered with an error by some actions.
    if (pending.list && /^No |not found|No .* found/i.test(message['Message'] ?? '')) pending.resolve([]);
    else pending.reject(new AmiError(message['Output'] ?? message['Message'] ?? 'Asterisk answered with an error'));
    return;
  }
  if (!pending.list) {
    pending.resolve([message]);
    return;
  }
  // A list announces itself; an answer without that is an empty one.
  if (isResponse(message)) {
    if (message['EventList'] !== 'start') pending.resolve([]);
    return;
  }
  const event = message['Event'] ?? '';
  if (pending.events.length >= MOST_ROWS) pending.reject(new AmiError(`A list has more than ${MOST_ROWS} rows`));
  else if (!event.endsWith('Complete')) pending.events.push(message);
  else if (isWhole(pending.events, message)) pending.resolve(pending.events);
  else pending.reject(new AmiError(`Asterisk told ${pending.events.length} rows of ${message['ListItems']} of a list`));
}

/** Asterisk's answers begin with it; elsewhere it is what a caller wrote. */
function isResponse(message: AmiMessage): boolean {
  return Object.keys(message)[0] === 'Response';
}

/** Some lists count only the rows that they are named after: a registration has its credentials in a row beside it. */
function isWhole(rows: readonly AmiMessage[], { Event = '', ListItems }: AmiMessage): boolean {
  const named = rows.filter(row => `${row['Event']}Complete` === Event);
  return ListItems === String(rows.length) || ListItems === String(named.length);
}

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';
import { AmiError, type AmiMessage, type AmiWire, type Dial, dial } from './wire.ts';

export { AmiError, type AmiMessage, NotListeningError } from './wire.ts';

/**
 * A small client of the Asterisk Manager Interface. One connection; every action has a deadline; an event list is
 * gathered by its action id.
 *
 * Asterisk does not escape line breaks in values: the caller's number, the dialled extension and the name of an account can
 * add headers and whole messages (measured: Asterisk 22). So of a repeated header the first one counts; in the row of a
 * list these are `Event`, `ActionID` and the name of the object, which Asterisk writes first. A row counts only with the id
 * of the action, which nobody else can know. A list ends only with its own event, and only after as many rows as that says.
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

/** Most rows of a list. More of them mean that something is wrong, since no tenant is that large. */
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

  /** Connects and logs in. Rejects when nothing listens there, or the secret is refused. */
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

  /** Sends an action and returns its answer. Rejects with Asterisk's message if that is an error. */
  async action(action: string, fields: Record<string, string> = {}, deadlineMs = 10_000): Promise<AmiMessage> {
    const [answer] = await this.#send(action, fields, false, deadlineMs);
    return answer ?? {};
  }

  /** Sends an action whose answer is a list of events, and returns these. */
  async list(action: string, fields: Record<string, string> = {}, deadlineMs = 20_000): Promise<AmiMessage[]> {
    return this.#send(action, fields, true, deadlineMs);
  }

  /** Runs a CLI command and returns its output. */
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
      late.catch(() => undefined); // rejects when the deadline was not needed
      answer.catch(() => undefined); // may reject after the deadline, when nobody waits any more
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
    // Some actions answer an error instead of an empty list.
    if (pending.list && /^No |not found|No .* found/i.test(message['Message'] ?? '')) pending.resolve([]);
    else pending.reject(new AmiError(message['Output'] ?? message['Message'] ?? 'Asterisk answered with an error'));
    return;
  }
  if (!pending.list) {
    pending.resolve([message]);
    return;
  }
  // An answer that does not announce a list is an empty one.
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

/** Whether a message is an answer. Asterisk's answers begin with this header; elsewhere a caller may have written it. */
function isResponse(message: AmiMessage): boolean {
  return Object.keys(message)[0] === 'Response';
}

/** Rows that the end of a list counts: some lists have further rows, such as the credentials of a registration. */
function isWhole(rows: readonly AmiMessage[], { Event = '', ListItems }: AmiMessage): boolean {
  const named = rows.filter(row => `${row['Event']}Complete` === Event);
  return ListItems === String(rows.length) || ListItems === String(named.length);
}

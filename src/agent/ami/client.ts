import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../runtime/clock.ts';

/**
 * A small client of the Asterisk Manager Interface, on loopback only. Our own because the npm packages reconnect on
 * timers of their own, keep unbounded queues and lose repeated headers (`Output:`), which we need. One connection; every
 * action has a deadline; an event list is gathered by its action id.
 *
 * Asterisk escapes no line break in what it prints of a call: a caller's number, the extension that was called and an
 * account's name may bring forth headers and whole messages (measured: Asterisk 22). So of a repeated header the first
 * counts, which in a list's row are `Event`, `ActionID` and what the row is about; a row without the action's id, which
 * nobody else can know, is none; and a list ends by its own event only, and only when as many rows came as that says.
 */
export interface AmiMessage {
  readonly [header: string]: string | undefined;
}

export class AmiError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AmiError';
  }
}

/** Nobody listens: there is no Asterisk. */
export class NotListeningError extends AmiError {
  constructor(options?: ErrorOptions) {
    super('Asterisk does not listen for its manager', options);
    this.name = 'NotListeningError';
  }
}

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

/** More than this in one answer means that something is wrong, not that a tenant is large. */
const MAX_BUFFER = 64 * 1024 * 1024;

export class AmiClient {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Set<(event: AmiMessage) => void>();
  #buffer = '';
  #closed = false;
  readonly closed: Promise<void>;

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.setEncoding('utf8');
    socket.on('data', chunk => this.#receive(String(chunk)));
    socket.on('error', () => socket.destroy());
    this.closed = new Promise(resolve => socket.once('close', () => resolve(this.#close())));
  }

  /** Connects and logs in; rejects when nobody listens there or the secret is refused. */
  static async connect(address: AmiAddress, clock: Clock): Promise<AmiClient> {
    const socket = connect({ host: '127.0.0.1', port: address.port });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', error => reject(connectError(error)));
    });
    const client = new AmiClient(socket, clock);
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
    this.#socket.destroy();
  }

  async #send(
    action: string,
    fields: Record<string, string>,
    list: boolean,
    deadlineMs: number,
  ): Promise<AmiMessage[]> {
    if (this.#closed) throw new AmiError('The manager connection is closed');
    const id = randomUUID();
    const lines = Object.entries({ Action: action, ActionID: id, ...fields }).map(
      ([key, value]) => `${key}: ${oneLine(value)}\r\n`,
    );
    const deadline = new AbortController();
    const answer = new Promise<AmiMessage[]>((resolve, reject) => {
      this.#pending.set(id, { list, events: [], resolve, reject });
    });
    this.#socket.write(`${lines.join('')}\r\n`);
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

  #receive(chunk: string): void {
    this.#buffer += chunk;
    if (this.#buffer.length > MAX_BUFFER) this.#socket.destroy();
    if (this.#buffer.startsWith('Asterisk Call Manager'))
      this.#buffer = this.#buffer.slice(this.#buffer.indexOf('\n') + 1);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const message = parseMessage(this.#buffer.slice(0, end));
      this.#buffer = this.#buffer.slice(end + 4);
      this.#dispatch(message);
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

  #close(): void {
    this.#closed = true;
    for (const pending of this.#pending.values())
      pending.reject(new AmiError('Asterisk closed the manager connection'));
    this.#pending.clear();
  }
}

function connectError(cause: NodeJS.ErrnoException): AmiError {
  if (cause.code === 'ECONNREFUSED') return new NotListeningError({ cause });
  return new AmiError('The manager of Asterisk cannot be reached', { cause });
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
  if (!event.endsWith('Complete')) pending.events.push(message);
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

function parseMessage(text: string): AmiMessage {
  const message: Record<string, string> = Object.create(null);
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const key = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (!Object.hasOwn(message, key)) message[key] = value;
    else if (key === 'Output') message[key] += `\n${value}`;
  }
  return message;
}

/** A header cannot hold a line break; ours never do, and nobody else's may. */
function oneLine(value: string): string {
  return value.replace(/[\r\n]/g, ' ');
}

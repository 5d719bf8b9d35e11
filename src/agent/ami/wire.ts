import { connect } from 'node:net';
import type { Clock } from '../../runtime/clock.ts';

/**
 * The wire format of the Asterisk Manager Interface: messages of `Header: value` lines, each ended by an empty line, over TCP
 * on loopback. The client (client.ts) matches answers to actions.
 *
 * This is our own code because the npm package fails with long answers, and stops working by text that a caller can choose
 * (CONTRIBUTING.md has the figures; `npm run bench -- ami` measures both).
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

/** Nothing listens on the port: there is no Asterisk. */
export class NotListeningError extends AmiError {
  constructor(options?: ErrorOptions) {
    super('Asterisk does not listen for its manager', options);
    this.name = 'NotListeningError';
  }
}

export interface AmiWire {
  /** Sets the listener of messages, which also gets those that came before. To be called once. */
  onMessage(take: (message: AmiMessage) => void): void;
  send(fields: Readonly<Record<string, string>>): void;
  close(): void;
  /** Resolves with the reason when the connection is closed. Never rejects. */
  readonly closed: Promise<AmiError>;
}

/** How to connect to a port of loopback. */
export type Dial = (port: number, clock: Clock) => Promise<AmiWire>;

/** Most characters of a message. More of them mean that something is wrong, since no tenant is that large. */
export const LONGEST_MESSAGE = 64 * 1024 * 1024;

/** Without this deadline the kernel would try for two minutes if the server is stopped and its queue full. */
const CONNECT_MS = 10_000;

/** Connects. Rejects with NotListeningError when nothing listens, with AmiError when there is no connection in ten seconds. */
export const dial: Dial = async (port, clock) => {
  const socket = connect({ host: '127.0.0.1', port });
  await connected(socket, clock);
  const frames = new Frames();
  let why = 'Asterisk closed the manager connection';
  socket.setEncoding('utf8').on('error', () => socket.destroy());
  return {
    onMessage: take =>
      socket.on('data', chunk => {
        for (const text of frames.add(String(chunk))) take(parseMessage(text));
        if (frames.pending <= LONGEST_MESSAGE) return;
        why = `Asterisk's manager sent a message of more than ${LONGEST_MESSAGE} characters`;
        socket.destroy();
      }),
    send: fields => socket.write(textOf(fields)),
    close: () => socket.destroy(),
    closed: new Promise(resolve => socket.once('close', () => resolve(new AmiError(why)))),
  };
};

async function connected(socket: ReturnType<typeof connect>, clock: Clock): Promise<void> {
  const deadline = new AbortController();
  const connecting = new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', error => reject(connectError(error)));
  });
  const late = clock.sleep(CONNECT_MS, deadline.signal).then(() => {
    socket.destroy();
    throw new AmiError(`The manager of Asterisk did not take a connection within ${CONNECT_MS} ms`);
  });
  try {
    await Promise.race([connecting, late]);
  } finally {
    deadline.abort();
    late.catch(() => undefined); // rejects when the deadline was not needed
    connecting.catch(() => undefined); // the error was thrown already
  }
}

function connectError(cause: NodeJS.ErrnoException): AmiError {
  if (cause.code === 'ECONNREFUSED') return new NotListeningError({ cause });
  return new AmiError('The manager of Asterisk cannot be reached', { cause });
}

const END = '\r\n\r\n';

/** Splits a stream into messages. Each character is read once, however long a message is and in how many chunks it comes. */
export class Frames {
  #parts: string[] = [];
  /** The end of the last chunk, which may be the beginning of a delimiter. */
  #tail = '';
  #length = 0;

  /** Number of characters of the incomplete message. */
  get pending(): number {
    return this.#length + this.#tail.length;
  }

  *add(chunk: string): Generator<string> {
    const text = this.#tail + chunk;
    let from = 0;
    for (let end = text.indexOf(END); end >= 0; end = text.indexOf(END, from)) {
      yield this.#parts.join('') + text.slice(from, end);
      this.#parts = [];
      this.#length = 0;
      from = end + END.length;
    }
    const rest = text.slice(from);
    this.#tail = rest.slice(1 - END.length);
    this.#parts.push(rest.slice(0, rest.length - this.#tail.length));
    this.#length += rest.length - this.#tail.length;
  }
}

/**
 * The headers of a message: the first one of each name, and all lines of `Output`. Lines without a colon, such as the
 * greeting, are ignored. So are names that are numbers, because JavaScript would order them before all others.
 */
function parseMessage(text: string): AmiMessage {
  const message: Record<string, string> = Object.create(null);
  const output: string[] = [];
  for (let from = 0; from <= text.length; ) {
    const found = text.indexOf('\r\n', from);
    const end = found < 0 ? text.length : found;
    const line = text.slice(from, end);
    from = end + 2;
    const colon = line.indexOf(':');
    const key = line.slice(0, Math.max(0, colon));
    if (key === '' || /^\d/.test(key)) continue;
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (key === 'Output') output.push(value);
    if (!Object.hasOwn(message, key)) message[key] = value;
  }
  if (output.length > 1) message['Output'] = output.join('\n');
  return message;
}

function textOf(fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${oneLine(value)}\r\n`);
  return `${lines.join('')}\r\n`;
}

/** A value without line breaks, which would end the header and could add others. */
function oneLine(value: string): string {
  return value.replace(/[\r\n]/g, ' ');
}

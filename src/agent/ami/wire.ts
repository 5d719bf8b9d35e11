import { connect } from 'node:net';
import type { Clock } from '../../runtime/clock.ts';

/**
 * The Asterisk Manager Interface as it stands on the wire: messages of `Header: value` lines, each ended by an empty
 * line, over TCP on loopback. Whose answer a message is, is the client's to say.
 *
 * Our own because the npm package cannot take a long answer and goes deaf by what a caller writes (CONTRIBUTING.md has
 * the figures; `npm run bench -- ami` measures both).
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

export interface AmiWire {
  /** Nothing that comes before is lost. To be called once. */
  onMessage(take: (message: AmiMessage) => void): void;
  send(fields: Readonly<Record<string, string>>): void;
  close(): void;
  /** Resolves with why, however it was closed. Never rejects. */
  readonly closed: Promise<AmiError>;
}

/** Connects to a port of loopback. */
export type Dial = (port: number, clock: Clock) => Promise<AmiWire>;

/** Characters. More than this in one message means that something is wrong, not that a tenant is large. */
export const LONGEST_MESSAGE = 64 * 1024 * 1024;

/** A listener that is stopped, and whose queue is full, leaves the kernel to try for two minutes. */
const CONNECT_MS = 10_000;

/** Rejects with NotListeningError when nobody listens, with AmiError when nobody answers in ten seconds. */
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
    late.catch(() => undefined); // the abort of a deadline that was not needed
    connecting.catch(() => undefined); // it was said once
  }
}

function connectError(cause: NodeJS.ErrnoException): AmiError {
  if (cause.code === 'ECONNREFUSED') return new NotListeningError({ cause });
  return new AmiError('The manager of Asterisk cannot be reached', { cause });
}

const END = '\r\n\r\n';

/** Cuts what comes into messages. Each character is looked at once, however long a message is and in how many pieces. */
export class Frames {
  #parts: string[] = [];
  /** What may be the beginning of an end. */
  #tail = '';
  #length = 0;

  /** Characters of the message that is not whole yet. */
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
 * The headers of a message, the first of each name and all lines of `Output`; a line without a colon, as the greeting
 * is, is none. Nor is a number: JavaScript would have it stand before what Asterisk wrote first.
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

/** A header cannot hold a line break; ours never do, and nobody else's may. */
function oneLine(value: string): string {
  return value.replace(/[\r\n]/g, ' ');
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import Manager, { type Item } from 'asterisk-manager';
import { AmiError, type AmiMessage, type AmiWire, type Dial, LONGEST_MESSAGE } from '../../../src/agent/ami/wire.ts';

/**
 * The npm package `asterisk-manager` as the transport and parser under our client: as it is, with guards around it, and
 * with guards before it, so that it can be seen what each costs and what it mends.
 */
const CLOSED = 'Asterisk closed the manager connection';

/** As its README has it: its events, its callbacks, without `keepConnected`. */
export const plain: Dial = async port => {
  const manager = new Manager();
  const connected = new Promise<void>((resolve, reject) => {
    manager.once('connect', () => resolve());
    manager.once('error', cause => reject(new AmiError('The manager of Asterisk cannot be reached', { cause })));
  });
  manager.connect(port, '127.0.0.1');
  await connected;
  let tell: (message: AmiMessage) => void = () => undefined;
  return {
    onMessage: take => {
      tell = take;
      manager.on('response', item => take(messageOf(item)));
      manager.on('managerevent', item => take(messageOf(item)));
    },
    send: ({ ActionID, ...fields }) => {
      // the package logs in with an id of its own
      if (fields['Action'] === 'Login')
        logIn(manager, fields, error => tell({ Response: error ? 'Error' : 'Success', ActionID }));
      else manager.action(actionOf({ ...fields, ActionID: ActionID ?? '' }));
    },
    close: () => manager.disconnect(),
    closed: new Promise(resolve => manager.on('close', () => resolve(new AmiError(CLOSED)))),
  };
};

/** With what can be put around it: its emitter is not used, its socket is watched, values hold no line break. */
export const guarded: Dial = port => behindGuards(port, false);

/** Its reader, besides, is given one whole message at a time, in pieces that it can take. */
export const framed: Dial = port => behindGuards(port, true);

async function behindGuards(port: number, wholeMessages: boolean): Promise<AmiWire> {
  const manager = new Manager();
  const socket = socketOf(() => manager.connect(port, '127.0.0.1'));
  await once(socket, 'connect').catch((cause: unknown) => {
    throw new AmiError('The manager of Asterisk cannot be reached', { cause });
  });
  let why = CLOSED;
  const tooLong = (): void => {
    why = `Asterisk's manager sent a message of more than ${LONGEST_MESSAGE} characters`;
    socket.destroy();
  };
  const give = bypassEmitter(manager);
  return {
    onMessage: take => {
      const items = (item: Item): void => take(messageOf(item));
      if (wholeMessages) frame(socket, give, items, tooLong);
      else bound(socket, give, items, tooLong);
    },
    send: fields => {
      const safe = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, oneLine(value)]));
      if (fields['Action'] === 'Login') give.login(safe);
      else {
        manager.action(actionOf(safe));
        manager.removeAllListeners(safe['ActionID'] ?? ''); // what it would call is never told
      }
    },
    close: () => socket.destroy(),
    closed: new Promise(resolve => socket.once('close', () => resolve(new AmiError(why)))),
  };
}

function oneLine(value: string): string {
  return value.replace(/[\r\n]/g, ' ');
}

/** The package keeps it to itself. */
function socketOf(connect: () => void): Socket {
  const made: Socket[] = [];
  const note = (message: unknown): void => void made.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', note);
  connect();
  unsubscribe('net.client.socket', note);
  const [socket] = made;
  if (!socket) throw new Error('The package made no socket');
  return socket;
}

interface Bypass {
  to: (item: Item) => void;
  login(fields: Readonly<Record<string, string>>): void;
}

/**
 * Takes each message before the package makes names of events of it: one named `rawevent` would have it emit the same
 * message for ever. Its login has an id of its own, which can be guessed: the first answer of a connection is that.
 */
function bypassEmitter(manager: InstanceType<typeof Manager>): Bypass {
  let loginId: string | undefined;
  const bypass: Bypass = {
    to: () => undefined,
    login: fields => {
      loginId = fields['ActionID'];
      logIn(manager, fields);
    },
  };
  manager.removeAllListeners('rawevent');
  manager.on('rawevent', item => {
    const { response, actionid } = item as Readonly<Record<string, string>>;
    if (loginId === undefined || response === undefined || actionid === undefined) return bypass.to(item);
    manager.emit(actionid, response.toLowerCase() === 'error' ? item : undefined, item);
    bypass.to({ ...item, actionid: loginId });
    loginId = undefined;
  });
  return bypass;
}

/** Ends a connection that sends without end. */
function bound(socket: Socket, give: Bypass, take: (item: Item) => void, tooLong: () => void): void {
  let seen = socket.bytesRead;
  give.to = item => {
    seen = socket.bytesRead;
    take(item);
  };
  socket.on('data', () => {
    if (socket.bytesRead - seen > LONGEST_MESSAGE) tooLong();
  });
}

/** Lines that its reader takes at once without `shift` being slow (V8 moves the whole of a large array). */
const LINES = 4_000;
/** A message that begins with it keeps its reader waiting for another end than an empty line. */
const FOLLOWS = /^response:.*follow.*/gim;
const END = '\r\n\r\n';

/** Cuts what comes into messages before its reader, long ones into pieces, and puts those together behind it. */
function frame(socket: Socket, give: Bypass, take: (item: Item) => void, tooLong: () => void): void {
  const [read] = socket.listeners('data') as [(text: string) => void];
  socket.removeListener('data', read);
  const whole = new Map<string, string[]>();
  give.to = item => {
    for (const [key, value] of Object.entries(item)) {
      const known = whole.get(key) ?? [];
      known.push(...texts(value));
      whole.set(key, known);
    }
  };
  let parts: string[] = [];
  let [tail, pending] = ['', 0];
  socket.on('data', chunk => {
    const pieces = `${tail}${chunk}`.split(END);
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      const lines = (parts.join('') + piece).replace(FOLLOWS, 'Response: none').split('\r\n');
      for (let at = 0; at < lines.length; at += LINES) read(lines.slice(at, at + LINES).join('\r\n') + END);
      take(Object.fromEntries(whole));
      whole.clear();
      parts = [];
      pending = 0;
    }
    tail = rest.slice(1 - END.length);
    parts.push(rest.slice(0, rest.length - tail.length));
    pending += rest.length - tail.length;
    if (pending > LONGEST_MESSAGE) tooLong();
  });
}

function logIn(
  manager: InstanceType<typeof Manager>,
  fields: Readonly<Record<string, string>>,
  done: (error: Item | undefined) => void = () => undefined,
): void {
  manager.options.username = fields['Username'] ?? '';
  manager.options.password = fields['Secret'] ?? '';
  manager.options.events = true;
  manager.login(done);
}

function actionOf({ Action = '', ActionID = '', ...fields }: Readonly<Record<string, string>>): Record<string, string> {
  return { action: Action, actionid: ActionID, ...fields };
}

const NAMES = ['Response', 'Event', 'ActionID', 'Message', 'Output', 'EventList', 'ListItems', 'Ping', 'Value'].concat([
  'Channel',
  'CallerIDNum',
  'ObjectName',
  'Aor',
  'Contacts',
  'DeviceState',
  'Due',
]);
const AS_ASTERISK_WRITES = new Map(NAMES.map(name => [name.toLowerCase(), name]));

/** The first of a repeated header, all lines of `Output`. */
function messageOf(item: Item): AmiMessage {
  const message: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(item)) {
    const name = AS_ASTERISK_WRITES.get(key) ?? key;
    message[name] = name === 'Output' ? texts(value).join('\n') : (texts(value)[0] ?? '');
  }
  return message;
}

function texts(value: Item[string]): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value : [Object.entries(value).join()];
}

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/**
 * Asterisk's manager, played on loopback: what it says stands in the fields of the action. Lists have the rows and the
 * headers that Asterisk 22 gives them. Not hurried: who reads slowly is waited for.
 */
export interface ScriptedManager {
  readonly port: number;
  /** What came, whole messages, in the order of their coming. */
  readonly heard: readonly string[];
  stop(): Promise<void>;
}

type Fields = Readonly<Record<string, string>>;
type Answer = (fields: Fields, socket: Socket) => string | Promise<void>;

const ANSWERS: Readonly<Record<string, Answer>> = {
  login: fields => answer(fields),
  ping: fields => answer(fields, 'Ping: Pong'),
  // `Rows` rows; `Cut`: the connection ends after so many of them
  pjsipshowendpoints: (fields, socket) => {
    const cut = Number(fields['cut'] ?? Number.NaN);
    const rows = Array.from({ length: Number(fields['rows']) }, (_, i) => endpoint(fields, i));
    if (Number.isNaN(cut)) return list(fields, 'EndpointList', rows);
    socket.write(list(fields, 'EndpointList', rows.slice(0, cut)).slice(0, -200), () => socket.destroy());
    return '';
  },
  // two calls, of which the first is that of a caller whose number is `Number`, in JSON
  coreshowchannels: fields => {
    const number = written(fields);
    const channel = (name: string, of: string): string =>
      message(fields, 'Event: CoreShowChannel', [`Channel: ${name}`, `CallerIDNum: ${of}`, `Linkedid: ${name}`]);
    return list(fields, 'CoreShowChannel', [channel('PJSIP/a-1', number), channel('PJSIP/b-2', '1002')]);
  },
  // an event in which a caller wrote `Number`, then an honest one, then the answer
  stranger: fields =>
    `Event: InvalidAccountID\r\nAccountID: ${written(fields)}\r\n\r\nEvent: Honest\r\n\r\n${answer(fields)}`,
  // `Mebibytes` of lines as long as those of a dialplan; with `Lines: 1` all in one
  command: async (fields, socket) => {
    const size = Number(fields['mebibytes']) * 1024 ** 2;
    await say(socket, `Response: Success\r\nActionID: ${fields['actionid']}\r\nMessage: Command output follows\r\n`);
    const line = `Output:   '1001' =>          1. Set(CHANNEL(hangup_handler_push)=engine-end,s,1)   [pbx_config]`;
    const block = fields['lines'] === '1' ? 'x'.repeat(line.length) : `${line}\r\n`;
    if (fields['lines'] === '1') await say(socket, 'Output: ');
    for (let sent = 0; sent < size; sent += block.length * 700) await say(socket, block.repeat(700));
    await say(socket, fields['lines'] === '1' ? '\r\n\r\n' : '\r\n');
  },
  // `Rate` events a second for `Seconds`, each with the time at which it was due
  events: async (fields, socket) => {
    await say(socket, answer(fields));
    const [rate, seconds] = [Number(fields['rate']), Number(fields['seconds'])];
    const begun = performance.timeOrigin + performance.now();
    for (let sent = 0; sent < rate * seconds && !socket.destroyed; ) {
      const due = Math.floor(((performance.timeOrigin + performance.now() - begun) * rate) / 1_000);
      let text = '';
      for (; sent < Math.min(due, rate * seconds); sent++) text += newchannel(sent, begun + (sent * 1_000) / rate);
      await say(socket, text);
      await new Promise(resolve => setTimeout(resolve, 1));
    }
    await say(socket, 'Event: Last\r\n\r\n');
  },
  // nobody answers
  silence: async () => undefined,
};

function written(fields: Fields): string {
  return String(JSON.parse(fields['number'] ?? '""')).replaceAll('PENDING', fields['actionid'] ?? '');
}

function message(fields: Fields, first: string, more: readonly string[] = []): string {
  return `${[first, `ActionID: ${fields['actionid']}`, ...more].join('\r\n')}\r\n\r\n`;
}

function answer(fields: Fields, ...more: readonly string[]): string {
  return message(fields, 'Response: Success', more);
}

function list(fields: Fields, event: string, rows: readonly string[]): string {
  const start = answer(fields, 'EventList: start', 'Message: A listing follows');
  const end = message(fields, `Event: ${event}Complete`, ['EventList: Complete', `ListItems: ${rows.length}`]);
  return `${start}${rows.join('')}${end}`;
}

function endpoint(fields: Fields, index: number): string {
  const id = `acme_${10_000 + index}`;
  return message(fields, 'Event: EndpointList', [
    'ObjectType: endpoint',
    `ObjectName: ${id}`,
    'Transport: ',
    `Aor: ${id}`,
    `Auths: ${id}`,
    'OutboundAuths: ',
    `Contacts: ${id}/sip:${id}@192.0.2.${index % 256}:5060;transport=udp,`,
    'DeviceState: Not in use',
    'ActiveChannels: ',
  ]);
}

function newchannel(index: number, due: number): string {
  const name = `PJSIP/acme_10001-${index.toString(16).padStart(8, '0')}`;
  const caller = 'ChannelState: 4\r\nChannelStateDesc: Ring\r\nCallerIDNum: 1001\r\nCallerIDName: Jane\r\n';
  const connected = 'ConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nLanguage: en\r\nAccountCode: \r\n';
  const place = `Context: internal\r\nExten: 1002\r\nPriority: 1\r\nUniqueid: ${index}\r\nLinkedid: ${index}\r\n`;
  return `Event: Newchannel\r\nPrivilege: call,all\r\nDue: ${due}\r\nChannel: ${name}\r\n${caller}${connected}${place}\r\n`;
}

/** Resolves when it is sent, or never will be. */
async function say(socket: Socket, text: string): Promise<void> {
  if (!socket.destroyed) await new Promise<void>(resolve => socket.write(text, () => resolve()));
}

/** Header names as Asterisk takes them: in any case. */
function fieldsOf(text: string): Fields {
  const pairs = text.split('\r\n').map(line => /^([^:]*): ?(.*)$/.exec(line));
  return Object.fromEntries(pairs.map(pair => [pair?.[1]?.toLowerCase() ?? '', pair?.[2] ?? '']));
}

export async function scriptedManager(): Promise<ScriptedManager> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
    socket.write('Asterisk Call Manager/11.0.0\r\n');
    let left = '';
    socket.setEncoding('utf8').on('data', async chunk => {
      const texts = `${left}${chunk}`.split('\r\n\r\n');
      left = texts.pop() ?? '';
      for (const text of texts) {
        heard.push(text);
        const fields = fieldsOf(text);
        const said = ANSWERS[(fields['action'] ?? '').toLowerCase()]?.(fields, socket);
        if (typeof said === 'string') socket.write(said);
        else await said;
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    heard,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

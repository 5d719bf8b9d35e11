import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { systemClock } from '../../src/runtime/clock.ts';

/**
 * A SIP client that says exactly what a test wants on the wire, also what no honest phone would, and shows exactly what
 * came back. UDP, no audio, and it repeats nothing itself: loopback loses nothing.
 */
export interface SipMessage {
  readonly start: string;
  /** SIP code of a response, 0 of a request. */
  readonly code: number;
  readonly method: string;
  /** By name in lower case; repeated ones in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  readonly text: string;
}

export interface Identity {
  readonly username: string;
  readonly password: string;
}

export interface RequestOptions {
  /** User part of From, or a whole From without its tag. */
  readonly from: string;
  /** User part of To; default that of the request URI. */
  readonly to?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: Identity;
  /** An offer; as text: that very one, or its media lines, instead of audio in A-law. */
  readonly sdp?: boolean | string;
  readonly body?: { readonly type: string; readonly text: string };
  /** What the client does between a provisional answer and the final one. */
  readonly deadlineMs?: number;
}

export interface Dialog {
  readonly callId: string;
  readonly local: string;
  readonly remote: string;
  readonly target: string;
  cseq: number;
  readonly auth?: Identity;
}

export interface Answer {
  readonly final: SipMessage;
  readonly provisional: readonly SipMessage[];
  /** How often the server asked for credentials. */
  readonly challenges: number;
  readonly dialog?: Dialog;
}

export interface Reply {
  readonly code: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly sdp?: boolean | string;
}

const T1_MS = 500;

const token = (): string => randomBytes(6).toString('hex');

const A_LAW = ['m=audio 40000 RTP/AVP 8 101', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000'].join('\r\n');

export class SipClient {
  /** Requests that came in, but OPTIONS and ACK. */
  readonly received: SipMessage[] = [];
  /** Packets from anybody but the server. */
  strangers = 0;
  /** Answers that came to its requests, provisional ones too. */
  answered = 0;
  /** Requests that came again: what was answered did not arrive, or could not be read. */
  repeated = 0;
  /** Says again what got no answer at all, as phones do (RFC 3261 §17.1: after 0.5 s, 1 s, 2 s …). */
  patient = false;
  /** Answers no request, as a phone that is gone. */
  deaf = false;
  reply: (request: SipMessage) => Reply = () => ({ code: 486 });
  /** Methods that get no answer at all, as from somebody who is gone or does not know them. */
  readonly mute = new Set<string>();
  readonly address: string;
  readonly #socket: Socket;
  readonly #server: { host: string; port: number };
  readonly #waiting = new Map<string, (message: SipMessage) => void>();
  /** By transaction: Asterisk repeats what a busy test did not answer within half a second (RFC 3261 §17.2). */
  readonly #answers = new Map<string, string>();

  private constructor(socket: Socket, address: string, server: { host: string; port: number }) {
    this.#socket = socket;
    this.address = address;
    this.#server = server;
    socket.on('message', (bytes, from) => this.#receive(bytes.toString('utf8'), from));
  }

  static async open(serverPort: number, address = '127.0.0.4', port = 0): Promise<SipClient> {
    const socket = createSocket('udp4');
    await new Promise<void>(resolve => socket.bind(port, address, resolve));
    return new SipClient(socket, address, { host: '127.0.0.1', port: serverPort });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get contact(): string {
    return `sip:client@${this.address}:${this.port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => this.#socket.close(() => resolve()));
  }

  /** A request outside a dialog, with credentials when they are asked for. */
  async request(method: string, user: string, options: RequestOptions): Promise<Answer> {
    const uri = `sip:${user}${user === '' ? '' : '@'}${this.#server.host}:${this.#server.port}`;
    const from = options.from.includes('<') ? options.from : `<sip:${options.from}@${this.#server.host}>`;
    const dialog: Dialog = {
      callId: token(),
      local: `${from};tag=${token()}`,
      remote: `<sip:${options.to ?? user}@${this.#server.host}>`,
      target: uri,
      cseq: 1,
      ...(options.auth && { auth: options.auth }),
    };
    return this.within(dialog, method, options);
  }

  register(
    username: string,
    options: Partial<RequestOptions> & { expires?: number; contact?: string },
  ): Promise<Answer> {
    const { expires = 120, contact = this.contact, ...rest } = options;
    const headers = { Contact: `<${contact}>`, Expires: String(expires), ...rest.headers };
    return this.request('REGISTER', '', { from: username, to: username, ...rest, headers });
  }

  /** A request inside a dialog (or the first of one). */
  async within(dialog: Dialog, method: string, options: Partial<RequestOptions> = {}): Promise<Answer> {
    const { headers = {}, sdp = method === 'INVITE', body, deadlineMs = 10_000 } = options;
    let credentials: Record<string, string> = {};
    for (let challenges = 0; ; challenges++) {
      const branch = `z9hG4bK${token()}`;
      const cseq = dialog.cseq++;
      const text = this.#compose(dialog, method, { branch, cseq, headers: { ...headers, ...credentials }, sdp, body });
      const { final, provisional } = await this.#exchange(text, branch, deadlineMs);
      if (method === 'INVITE') this.#acknowledge(dialog, final, branch, cseq);
      const challenge = header(final, 'www-authenticate') ?? header(final, 'proxy-authenticate');
      if (challenge && dialog.auth && challenges < 1) {
        const name = final.code === 407 ? 'Proxy-Authorization' : 'Authorization';
        credentials = { [name]: authorization(challenge, method, dialog.target, dialog.auth) };
        continue;
      }
      const target = /<([^>]+)>/.exec(header(final, 'contact') ?? '')?.[1] ?? dialog.target;
      const grown = { ...dialog, remote: header(final, 'to') ?? dialog.remote, target };
      const count = challenge ? challenges + 1 : challenges;
      return { final, provisional, challenges: count, ...(final.code < 300 ? { dialog: grown } : {}) };
    }
  }

  /** What is asked is no longer waited for: an answer that comes all the same, a challenge too, is not answered. */
  forget(): void {
    this.#waiting.clear();
  }

  async hangUp(dialog: Dialog | undefined): Promise<void> {
    if (dialog) await this.within(dialog, 'BYE');
  }

  #compose(
    dialog: Dialog,
    method: string,
    {
      branch,
      cseq,
      headers,
      sdp,
      body: given,
    }: {
      branch: string;
      cseq: number;
      headers: Record<string, string>;
      sdp: boolean | string;
      body: RequestOptions['body'];
    },
  ): string {
    const text = given?.text ?? this.#session(sdp);
    const type = given?.type ?? 'application/sdp';
    const own: Record<string, string> = {
      Via: `SIP/2.0/UDP ${this.address}:${this.port};rport;branch=${branch}`,
      'Max-Forwards': '70',
      From: dialog.local,
      To: dialog.remote,
      'Call-ID': dialog.callId,
      CSeq: `${cseq} ${method}`,
      Contact: `<${this.contact}>`,
      ...headers,
      ...(text ? { 'Content-Type': type } : {}),
      'Content-Length': String(Buffer.byteLength(text)),
    };
    return `${method} ${dialog.target} SIP/2.0\r\n${lines(own)}\r\n${text}`;
  }

  #session(sdp: boolean | string): string {
    if (sdp === false || sdp === '') return '';
    if (sdp === true) return this.#sdp(A_LAW);
    return sdp.startsWith('v=') ? sdp : this.#sdp(sdp);
  }

  #sdp(media: string): string {
    return ['v=0', `o=- 1 1 IN IP4 ${this.address}`, 's=-', `c=IN IP4 ${this.address}`, 't=0 0', media, ''].join(
      '\r\n',
    );
  }

  async #exchange(
    text: string,
    branch: string,
    deadlineMs: number,
  ): Promise<{ final: SipMessage; provisional: SipMessage[] }> {
    const provisional: SipMessage[] = [];
    let heard = false;
    const late = new AbortController();
    const final = new Promise<SipMessage>(resolve => {
      this.#waiting.set(branch, message => {
        heard = true;
        if (message.code < 200) provisional.push(message);
        else resolve(message);
      });
    });
    this.#send(text);
    if (this.patient) void this.#sayAgain(text, () => heard, late.signal);
    const deadline = systemClock.sleep(deadlineMs, late.signal).then(() => {
      throw new Error(`No final answer within ${deadlineMs} ms to ${text.split('\r\n')[0]}`);
    });
    try {
      return { final: await Promise.race([final, deadline]), provisional };
    } finally {
      late.abort();
      deadline.catch(() => undefined); // the abort of a deadline that was not needed
    }
  }

  async #sayAgain(text: string, isHeard: () => boolean, signal: AbortSignal): Promise<void> {
    for (let ms = T1_MS; !isHeard(); ms *= 2) {
      await systemClock.sleep(ms, signal).catch(() => undefined); // it is answered, or too late
      if (signal.aborted) return;
      if (!isHeard()) this.#send(text);
    }
  }

  #acknowledge(dialog: Dialog, final: SipMessage, branch: string, cseq: number): void {
    const target = /<([^>]+)>/.exec(header(final, 'contact') ?? '')?.[1];
    const ok = final.code < 300;
    const own = {
      Via: `SIP/2.0/UDP ${this.address}:${this.port};rport;branch=${ok ? `z9hG4bK${token()}` : branch}`,
      'Max-Forwards': '70',
      From: dialog.local,
      To: header(final, 'to') ?? dialog.remote,
      'Call-ID': dialog.callId,
      CSeq: `${cseq} ACK`,
      'Content-Length': '0',
    };
    this.#send(`ACK ${ok && target ? target : dialog.target} SIP/2.0\r\n${lines(own)}\r\n`);
  }

  #send(text: string): void {
    this.#socket.send(text, this.#server.port, this.#server.host);
  }

  #receive(text: string, from: RemoteInfo): void {
    if (from.port !== this.#server.port) this.strangers++;
    const message = parse(text);
    if (message.code > 0) {
      this.answered++;
      const branch = /branch=([^;\s]+)/.exec(header(message, 'via') ?? '')?.[1] ?? '';
      this.#waiting.get(branch)?.(message);
      return;
    }
    if (message.method === 'ACK' || this.deaf) return;
    const transaction = `${message.method} ${/branch=([^;\s]+)/.exec(header(message, 'via') ?? '')?.[1]}`;
    const known = this.#answers.get(transaction);
    if (known) this.repeated++;
    const answer = known ?? this.#answerFirst(message);
    this.#answers.set(transaction, answer);
    if (answer !== '') this.#socket.send(answer, from.port, from.address);
  }

  /** Empty: none. */
  #answerFirst(request: SipMessage): string {
    if (request.method !== 'OPTIONS') this.received.push(request);
    if (this.mute.has(request.method)) return '';
    const reply = ['OPTIONS', 'NOTIFY', 'BYE', 'CANCEL'].includes(request.method) ? { code: 200 } : this.reply(request);
    return reply.code > 0 ? this.#answerTo(request, reply) : '';
  }

  /** Another answer to a request that has one that is not final. */
  answer(request: SipMessage, reply: Reply): void {
    this.#send(this.#answerTo(request, reply));
  }

  #answerTo(request: SipMessage, { code, headers = {}, sdp = false }: Reply): string {
    const body = this.#session(sdp);
    const to = header(request, 'to') ?? '';
    const vias = (request.headers.get('via') ?? []).map(via => `Via: ${via}\r\n`).join('');
    const own = {
      From: header(request, 'from') ?? '',
      To: to.includes('tag=') ? to : `${to};tag=${token()}`,
      'Call-ID': header(request, 'call-id') ?? '',
      CSeq: header(request, 'cseq') ?? '',
      Contact: `<${this.contact}>`,
      ...headers,
      ...(sdp ? { 'Content-Type': 'application/sdp' } : {}),
      'Content-Length': String(Buffer.byteLength(body)),
    };
    return `SIP/2.0 ${code} Answer\r\n${vias}${lines(own)}\r\n${body}`;
  }
}

/** The first header of a name. */
export function header(message: SipMessage, name: string): string | undefined {
  return message.headers.get(name.toLowerCase())?.[0];
}

function lines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

const SHORT: Readonly<Record<string, string>> = { f: 'from', t: 'to', i: 'call-id', m: 'contact', v: 'via' };

function parse(text: string): SipMessage {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [start = '', ...rest] = head.split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of rest) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const long = SHORT[name] ?? name;
    headers.set(long, [...(headers.get(long) ?? []), line.slice(colon + 1).trim()]);
  }
  const code = Number(/^SIP\/2\.0 (\d{3})/.exec(start)?.[1] ?? 0);
  return { start, code, method: code > 0 ? '' : (start.split(' ')[0] ?? ''), headers, body, text };
}

/** RFC 8760 digest with qop=auth; the algorithm is the server's first choice. */
export function authorization(
  challenge: string,
  method: string,
  uri: string,
  { username, password }: Identity,
): string {
  const value = (name: string): string => new RegExp(`${name}="?([^",]+)"?`, 'i').exec(challenge)?.[1] ?? '';
  const algorithm = value('algorithm') || 'MD5';
  const hash = (text: string): string =>
    createHash(algorithm.toUpperCase().startsWith('SHA-256') ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const [realm, nonce, cnonce, nc] = [value('realm'), value('nonce'), token(), '00000001'];
  const inner = `${hash(`${username}:${realm}:${password}`)}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${uri}`)}`;
  const opaque = value('opaque') ? `, opaque="${value('opaque')}"` : '';
  return `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${hash(inner)}", algorithm=${algorithm}, cnonce="${cnonce}", nc=${nc}, qop=auth${opaque}`;
}

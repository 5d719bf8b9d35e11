import { createSocket, type Socket } from 'node:dgram';
import { systemClock } from '../../../src/runtime/clock.ts';
import { authorization, type Identity } from '../sip.ts';

/**
 * Somebody who says anything on the wire, broken or not, waits for no answer, and still knows which calls of his are up:
 * he acknowledges what is answered, whenever that is, holds it, and hears when it ends.
 */
export interface Saying {
  readonly method: string;
  /** Request URI. */
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

interface Sent {
  readonly saying: Saying;
  cseq: number;
  tried: boolean;
}

interface Held {
  readonly target: string;
  readonly lines: readonly string[];
  cseq: number;
}

export class Voice {
  /** By Call-ID as the server understood it. */
  readonly up = new Map<string, Held>();
  /** Calls that somebody placed to him. */
  rung = 0;
  /** Contacts as the last answer to a REGISTER tells them. */
  contacts: string[] = [];
  /** When the server last said something, on the monotonic clock. */
  heardAtMs = 0;
  readonly address: string;
  readonly #socket: Socket;
  readonly #server: number;
  readonly #auth: Identity | undefined;
  readonly #sent = new Map<string, Sent>();
  #count = 0;

  private constructor(socket: Socket, address: string, server: number, auth: Identity | undefined) {
    this.#socket = socket;
    this.address = address;
    this.#server = server;
    this.#auth = auth;
    socket.on('message', bytes => this.#hear(bytes.toString('utf8')));
  }

  static async open(server: number, address: string, port = 0, auth?: Identity): Promise<Voice> {
    const socket = createSocket('udp4');
    await new Promise<void>(resolve => socket.bind(port, address, resolve));
    return new Voice(socket, address, server, auth);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => this.#socket.close(() => resolve()));
  }

  say(saying: Saying): void {
    this.#send({ saying, cseq: 1, tried: false });
  }

  hangUp(): void {
    for (const [callId, held] of this.up) {
      this.#packet(`BYE ${held.target}`, [...held.lines, `Call-ID: ${callId}`, `CSeq: ${++held.cseq} BYE`], '');
    }
  }

  #send(sent: Sent, more: readonly string[] = []): void {
    const { method, uri, from, to, callId, headers, body } = sent.saying;
    const own = [
      `From: ${from}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${sent.cseq} ${method}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...more,
    ];
    this.#sent.set(this.#packet(`${method} ${uri}`, own, body), sent);
  }

  /** Its branch. */
  #packet(start: string, lines: readonly string[], body: string): string {
    const branch = `z9hG4bK${process.pid}-${this.port}-${this.#count++}`;
    const all = [
      `${start} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.address}:${this.port};rport;branch=${branch}`,
      'Max-Forwards: 70',
      ...lines,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ];
    this.#socket.send(all.join('\r\n'), this.#server, '127.0.0.1');
    return branch;
  }

  #hear(text: string): void {
    this.heardAtMs = systemClock.monotonic();
    const code = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0);
    if (code >= 200) this.#answered(code, text);
    else if (code === 0) this.#asked(text);
  }

  #answered(code: number, text: string): void {
    const sent = this.#sent.get(/branch=([^;\s]+)/.exec(text)?.[1] ?? '');
    if (!sent) return;
    const { method, uri } = sent.saying;
    const callId = line(text, 'Call-ID') ?? '';
    const dialog = [`From: ${line(text, 'From')}`, `To: ${line(text, 'To')}`];
    const target = /<([^>]+)>/.exec(line(text, 'Contact') ?? '')?.[1] ?? uri;
    if (method === 'INVITE') {
      // of a call that is up the acknowledgement is a request of its own, else it belongs to the one that failed
      const ack = [...dialog, `Call-ID: ${callId}`, `CSeq: ${sent.cseq} ACK`];
      if (code < 300) this.#packet(`ACK ${target}`, ack, '');
      else this.#acknowledge(uri, text, ack);
      if (code < 300 && !this.up.has(callId)) this.up.set(callId, { target, lines: dialog, cseq: sent.cseq });
    }
    if (method === 'REGISTER' && code === 200) {
      this.contacts = [...text.matchAll(/^Contact: <([^>\r\n]*)>/gim)].map(match => match[1] ?? '');
    }
    const challenge = line(text, code === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate');
    if (!challenge || !this.#auth || sent.tried) return;
    sent.tried = true;
    sent.cseq++;
    const name = code === 407 ? 'Proxy-Authorization' : 'Authorization';
    this.#send(sent, [`${name}: ${authorization(challenge, method, uri, this.#auth)}`]);
  }

  #acknowledge(uri: string, text: string, lines: readonly string[]): void {
    const via = line(text, 'Via');
    const all = [`ACK ${uri} SIP/2.0`, `Via: ${via}`, 'Max-Forwards: 70', ...lines, 'Content-Length: 0', '', ''];
    this.#socket.send(all.join('\r\n'), this.#server, '127.0.0.1');
  }

  #asked(text: string): void {
    const method = text.split(' ', 1)[0] ?? '';
    if (method === 'ACK') return;
    if (method === 'INVITE') this.rung++;
    if (method === 'BYE') this.up.delete(line(text, 'Call-ID') ?? '');
    const code = method === 'INVITE' ? '486 Busy' : '200 OK';
    const echoed = text.split('\r\n').filter(each => /^(Via|From|To|Call-ID|CSeq):/i.test(each));
    const tagged = echoed.map(each => (/^To:/i.test(each) && !each.includes(';tag=') ? `${each};tag=v` : each));
    this.#socket.send(
      [`SIP/2.0 ${code}`, ...tagged, 'Content-Length: 0', '', ''].join('\r\n'),
      this.#server,
      '127.0.0.1',
    );
  }

  /** After `hangUp`: those whose end was not acknowledged yet count no more. */
  forget(): void {
    this.up.clear();
    this.#sent.clear();
  }
}

function line(text: string, name: string): string | undefined {
  return new RegExp(`^${name}: ([^\\r\\n]*)`, 'im').exec(text)?.[1];
}
